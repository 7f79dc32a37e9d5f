"""What holds for the repository as a whole, whatever a file in it says."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", ".env.example")

# Written with a gap, so that this file does not find itself.
_GAPPED = ("py_pi.org", "python_hosted.org", "npm_js.org", "npm_js.com", "deb_ian.org/deb_ian", "crates_.io")
REGISTRIES = tuple(name.replace("_", "") for name in _GAPPED)
REGISTRY = re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.~:/$}-])/(?:home|root|Users|work|mnt|tmp|opt|private)/\w")
UNFINISHED = re.compile(r"\b(?:TO_DO|FIX_ME|XX_X)\b".replace("_", ""))

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@cache
def files() -> tuple[Path, ...]:
    """What is in git, and what would be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git repository")
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """`file:line` of every line of every text file that the pattern is found in."""
    found = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        where = path.relative_to(ROOT)
        found += [f"{where}:{n}" for n, line in enumerate(text.splitlines(), start=1) if pattern.search(line)]
    return found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (REGISTRY, f"see https://{REGISTRIES[0]}/simple"),
        (MACHINE_PATH, f"open('/{'home'}/somebody/notes')"),
        (UNFINISHED, f"# {'TO' + 'DO'}: later"),
    ],
    ids=["registry", "machine path", "unfinished"],
)
def test_no_file_says_what_belongs_elsewhere(pattern: re.Pattern[str], said: str) -> None:
    """No download address, no path of somebody's machine, no note to oneself; and the pattern does find one."""
    assert pattern.search(said)
    assert lines_with(pattern) == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in files() if path.suffix == ".py" and ROOT / "tests" in path.parents}
    assert len(folders) >= 5
    assert [folder.name for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_what_a_newcomer_looks_for_is_there() -> None:
    assert [name for name in DOCUMENTS if not (ROOT / name).read_text(encoding="utf-8").strip()] == []


def test_the_change_log_speaks_of_this_version() -> None:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## .*$", log, re.MULTILINE)
    assert any(PROJECT["project"]["version"] in head for head in heads)
    assert len(re.findall(r"^- ", log, re.MULTILINE)) >= 5


# --- dependencies


def test_every_pinned_dependency_has_its_hashes_and_no_address() -> None:
    requirement = re.compile(r"[a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?==\S+(?: ; .+)? \\")
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    strange = [line for line in LOCK if not requirement.fullmatch(line) and not hashed.fullmatch(line)]
    assert strange == []
    assert [
        line for line, after in zip(LOCK, [*LOCK[1:], ""], strict=True) if "==" in line and "--hash" not in after
    ] == []
    assert not any("://" in line or "--index" in line for line in LOCK)


def test_the_lock_pins_whatever_the_project_asks_for() -> None:
    pinned = {line.partition("==")[0].partition("[")[0] for line in LOCK if "==" in line}
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    names = {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in wanted}
    assert names - pinned == set()


def test_the_days_off_are_pinned_exactly_and_twice_alike() -> None:
    """A promised date may not change by an update."""
    (wanted,) = [name for name in PROJECT["project"]["dependencies"] if name.startswith("holidays")]
    assert re.fullmatch(r"holidays==\d+\.\d+", wanted)
    assert any(line.startswith(f"{wanted} ") for line in LOCK)


def test_python_3_11_to_3_14_are_the_versions() -> None:
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.15"
    assert "(3, 11) <= sys.version_info[:2] <= (3, 14)" in (ROOT / "Makefile").read_text(encoding="utf-8")


# --- make


def test_make_has_the_targets_that_are_promised() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert {"demo", "test", "soak", "lint", "help", "install"} <= explained
    assert explained == set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))


def test_continuous_integration_runs_them() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert {"make lint", "make test"} <= set(script.splitlines())


# --- links


def _slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(document: Path) -> set[str]:
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    return {_slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def _dead_links(document: Path) -> list[str]:
    dead = []
    for link in _LINK.findall(_FENCE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name) if name else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(f"{document.relative_to(ROOT)}: {link}")
    return dead


def test_every_link_to_a_local_file_leads_somewhere() -> None:
    documents = [path for path in files() if path.suffix == ".md"]
    assert len(documents) >= 8
    assert [dead for document in documents for dead in _dead_links(document)] == []
