"""`tanggap train`: a town teaches its own ways, and `route` and `evaluate` go by them."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pty
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.commands import training
from bot.commands.evaluating import rows_of
from bot.commands.town import routed
from bot.learning import row_of
from domain.understanding.learned import features
from domain.understanding.measuring import Tally
from storage.learned import NAME, load
from tests.cli.conftest import Run, Town
from tests.domain.regions import REGIONS, siantar
from tests.kit import invented

ROOT = REGIONS.parent


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of an invented register, made once."""
    return tmp_path_factory.mktemp("taught") / "model.npz"


@pytest.fixture
def model(run: Run, folder: Path, taught: Path) -> Path:
    if not taught.exists():
        invented.write(folder / "register.csv", invented.stories(300, seed=1))
        ran = run("train", "register.csv", "--out", str(taught))
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("300 stories learned. Of stories it had not seen ")
    return taught


def _figures(run: Run, *arguments: str) -> dict[str, float]:
    ran = run("evaluate", *arguments, "--json")
    assert ran.code == 0
    found: dict[str, float] = json.loads(ran.out)
    return found


def test_a_model_knows_habits_of_stories_that_it_has_not_seen(run: Run, folder: Path, model: Path) -> None:
    invented.write(folder / "new.csv", invented.habits(60, seed=2))
    assert _figures(run, "new.csv")["top1"] < 0.5
    assert _figures(run, "new.csv", "--model", str(model))["top1"] > 0.95


def test_a_model_still_knows_what_every_town_knows(run: Run, folder: Path, model: Path) -> None:
    (folder / "new.csv").write_text("text,opd\nada kebakaran rumah di kampung sebelah kirim pemadam,DAMKAR\n")
    assert _figures(run, "new.csv", "--model", str(model))["top3"] == 1


def test_what_goes_without_a_question_is_told_by_the_models_own_threshold(run: Run, folder: Path, model: Path) -> None:
    invented.write(folder / "new.csv", invented.stories(60, seed=3))
    shown = json.loads(run("evaluate", "new.csv", "--model", str(model), "--json").out)["auto"]
    assert shown["threshold"] == load(model).sure
    assert shown["coverage"] > 0.9
    assert shown["precision"] > 0.95


def test_the_same_register_makes_the_same_model(run: Run, folder: Path) -> None:
    invented.write(folder / "register.csv", invented.stories(80, seed=4))
    for name in ("one.npz", "two.npz"):
        assert run("train", "register.csv", "--out", name).code == 0
    with np.load("one.npz") as one, np.load("two.npz") as two:
        assert sorted(one) == sorted(two)
        assert [name for name in one if not np.array_equal(one[name], two[name])] == []


def test_nobodys_number_or_name_can_be_guessed_from_what_is_learned() -> None:
    told = "KTP saya belum jadi, nama saya Rotua Sinaga, hubungi 081234567812"
    learned, _ = features(row_of(told, "DISDUKCAPIL", siantar()).words)
    kept, *personal = (next(iter(features([word])[0])) for word in ("ktp", "rotua", "sinaga", "081234567812"))
    assert kept in learned
    assert learned.keys().isdisjoint(personal)


def test_no_word_of_a_story_stands_in_a_model(model: Path) -> None:
    """Its header has the codes of groups and matters, which are the country's."""
    with zipfile.ZipFile(model) as parts:
        written = b"".join(parts.read(name) for name in parts.namelist() if name != "header.npy")
    words = {word for story, _ in invented.stories(300, seed=1) for word in story.split() if len(word) > 4}
    assert words
    assert [word for word in words if word.encode() in written] == []


def test_two_groups_are_enough_to_be_told_apart(run: Run, folder: Path) -> None:
    told = [one for one in invented.stories(400, seed=12) if one[1] in ("DISHUB", "SATPOLPP")]
    invented.write(folder / "register.csv", told)
    assert run("train", "register.csv", "--out", "model.npz").code == 0
    assert _figures(run, "register.csv", "--model", "model.npz")["top1"] > 0.95


def test_a_group_of_one_story_does_no_harm(run: Run, folder: Path) -> None:
    invented.write(folder / "register.csv", [*invented.stories(80, seed=13), ("hewan ternak sakit", "DISTANPANGAN")])
    ran = run("train", "register.csv", "--out", "model.npz")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("81 stories learned.")


def test_the_office_of_a_town_may_be_one_that_no_matter_leads_to(run: Run, folder: Path) -> None:
    told = [(story, "KECAMATAN_KELURAHAN" if group == "DISHUB" else group) for story, group in invented.stories(120, 5)]
    invented.write(folder / "register.csv", told)
    assert run("train", "register.csv", "--out", "model.npz").code == 0
    shown = _figures(run, "register.csv", "--model", "model.npz")
    assert shown["top1"] > 0.95


# --- the town's own model


@pytest.fixture
def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the town's own, beside the country's."""
    for name in ("pematangsiantar", "indonesia"):
        shutil.copytree(REGIONS / name, folder / "regions" / name)
    monkeypatch.setenv("TANGGAP_REGION_DIR", "regions/pematangsiantar")
    return folder / "regions" / "pematangsiantar"


def test_route_goes_by_the_model_in_the_towns_folder(run: Run, own: Path, model: Path) -> None:
    story = "Izin melapor kolam Simanuk tidak pernah diurus"
    assert json.loads(run("route", "--json", story).out)["agency"] != "DISPORAPARBUD"
    shutil.copy(model, own / NAME)
    shown = json.loads(run("route", "--json", story).out)
    assert (shown["agency"], shown["decision"]) == ("DISPORAPARBUD", "auto")


def test_check_reads_the_towns_own_model(run: Run, own: Path, model: Path) -> None:
    shutil.copy(model, own / NAME)
    assert run("check").code == 0
    (own / NAME).write_bytes(b"no model")
    ran = run("check")
    assert ran.code == 1
    assert "model.npz cannot be used: it is no model. `tanggap train` makes a new one." in ran.err


def test_a_broken_model_is_one_line(run: Run, own: Path) -> None:
    (own / NAME).write_bytes(b"no model")
    ran = run("route", "--json", "ktp saya belum jadi")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line == "model.npz cannot be used: it is no model. `tanggap train` makes a new one."


def test_a_broken_model_stops_the_start_and_no_story(run: Run, own: Path, keys: str) -> None:
    assert run("migrate").code == 0
    (own / NAME).write_bytes(b"no model")
    ran = run("serve", "--role", "worker")
    assert ran.code == 1
    assert "model.npz cannot be used" in ran.err


def test_a_model_of_another_country_is_refused(run: Run, folder: Path, model: Path) -> None:
    _altered(model, folder / "foreign.npz", lambda header: {**header, "groups": [f"X{n}" for n in header["groups"]]})
    invented.write(folder / "new.csv", invented.stories(5, seed=6))
    ran = run("evaluate", "new.csv", "--model", "foreign.npz")
    assert (ran.code, ran.out) == (1, "")
    assert (
        ran.line == "foreign.npz: the model knows none of the groups of groups.yaml; train it on this town's register."
    )


def test_a_model_with_matters_and_groups_that_are_no_more_is_still_good(run: Run, folder: Path, model: Path) -> None:
    def older(header: dict[str, list[str]]) -> dict[str, list[str]]:
        groups = ["DISBUN" if group == "DISHUB" else group for group in header["groups"]]
        return {**header, "groups": groups, "matters": [f"{code}_old" for code in header["matters"]]}

    _altered(model, folder / "older.npz", older)
    told = [(story, group) for story, group in invented.stories(60, seed=7) if group != "DISHUB"]
    invented.write(folder / "new.csv", told)
    assert _figures(run, "new.csv", "--model", "older.npz")["top1"] > 0.9


def _altered(model: Path, file: Path, change: Callable[[dict[str, list[str]]], dict[str, list[str]]]) -> None:
    with np.load(model) as arrays:
        parts = dict(arrays)
    header = change(json.loads(parts["header"].tobytes()))
    np.savez(file, **{**parts, "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)})


# --- what is refused


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("text\nktp\n", "the first line has to name the columns text and opd."),
        ("text,opd\nktp,DISDUKCAPIL\n", "at least 50 stories are needed to learn from, not 1."),
        ("text,opd\n" + "ktp lama,DISDUKCAPIL\n" * 60, "all stories went to DISDUKCAPIL, so there is nothing to"),
        ("text,opd\n" + "ktp lama,CAPIL\n" * 60, "opd CAPIL is no group of groups.yaml."),
        ("", "the first line has to name the columns text and opd."),
        (f"text,opd\n{'a' * 1_000_001},DLH\n", "this is no CSV that can be read (field larger than field limit"),
        ("text,opd\n,DISDUKCAPIL\nktp,\n", "at least 50 stories are needed to learn from, not 0."),
    ],
)
def test_a_register_that_teaches_nothing_is_one_line(run: Run, folder: Path, content: str, says: str) -> None:
    (folder / "register.csv").write_text(content)
    ran = run("train", "register.csv", "--out", "model.npz")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith(f"register.csv: {says}")
    assert not (folder / "model.npz").exists()


def test_a_file_that_is_not_there_is_one_line(run: Run) -> None:
    ran = run("train", "nowhere.csv", "--out", "model.npz")
    assert (ran.code, ran.line) == (1, "nowhere.csv: No such file or directory.")


def test_a_folder_that_is_not_there_is_said_before_anything_is_learned(run: Run, folder: Path) -> None:
    ran = run("train", "nowhere.csv", "--out", "far/model.npz")
    assert (ran.code, ran.line) == (1, "far/model.npz: there is no folder far.")


def test_without_the_extra_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    ran = run("train", "register.csv", "--out", "model.npz")
    assert (ran.code, ran.line) == (1, "To train, scikit-learn is needed: install tanggap[learn].")


# --- the town's own cases


def test_a_settled_case_teaches_the_office_that_settled_it(run: Run, town: Town, folder: Path) -> None:
    invented.write(folder / "register.csv", invented.stories(50, seed=8))
    assert run("train", "register.csv", "--register", "--out", "model.npz").out.startswith("50 stories learned.")
    town.change("UPDATE tickets SET state = 'closed', outcome = 'accepted', unit_code = 'DLH'")
    ran = run("train", "register.csv", "--register", "--out", "model.npz")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("51 stories learned.")


def test_the_own_cases_alone_are_enough_when_there_are_enough(run: Run, town: Town) -> None:
    ran = run("train", "--register", "--out", "model.npz")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line == "the own cases: at least 50 stories are needed to learn from, not 0."


# --- as the operator sees it


def test_nothing_is_loaded_for_learning_where_nothing_was_learned(folder: Path) -> None:
    shown = _loaded_by("route", "--json", "ktp saya belum jadi")
    assert "'bot.commands.town'" in shown
    assert [name for name in ("numpy", "scipy", "sklearn") if f"'{name}'" in shown] == []


def test_a_model_is_used_without_what_it_was_learned_with(model: Path, folder: Path) -> None:
    invented.write(folder / "new.csv", invented.stories(5, seed=9))
    shown = _loaded_by("evaluate", str(folder / "new.csv"), "--model", str(model))
    assert "'numpy'" in shown
    assert [name for name in ("scipy", "sklearn") if f"'{name}'" in shown] == []


def _loaded_by(*arguments: str) -> str:
    """The modules that a command loads, in a process of its own."""
    asked = f"import sys; from bot.cli import main; main({arguments!r}); print(sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    return ran.stdout


def test_a_terminal_shows_how_far_it_is(folder: Path) -> None:
    invented.write(folder / "new.csv", invented.stories(60, seed=10))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot.cli", "evaluate", str(folder / "new.csv")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = "".join(_until_closed(ours))
    os.close(ours)
    assert process.returncode == 0
    assert "new.csv" in shown
    assert "100%" in shown


def _until_closed(screen: int) -> Iterator[str]:
    """What a terminal is told until nobody writes to it any more, which Linux says by an error."""
    with contextlib.suppress(OSError):
        while said := os.read(screen, 4096):
            yield said.decode(errors="replace")


def test_a_long_file_needs_no_more_memory_than_a_short_one(folder: Path) -> None:
    def peak(count: int) -> int:
        file = invented.write(folder / "new.csv", list(invented.stories(20, seed=11)) * (count // 20))
        tally = Tally(0.8)
        gc.collect()
        tracemalloc.start()
        for row in rows_of(file, ("opd",)):
            tally.add(row, routed(row["text"], siantar()))
            if tally.n % 20 == 0:
                gc.collect()  # what is held counts, not what waits to be let go
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert tally.n == count
        return most

    peak(20)  # what is kept once for a process
    assert peak(160) < 1.3 * peak(20) + 20_000
