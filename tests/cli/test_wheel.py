"""The wheel alone, in an empty folder: it carries templates, regions and migrations, and its program runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import STORY

ROOT = Path(__file__).parents[2]

Installed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built and installed without its dependencies."""
    built, place = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (file,) = built.glob("*.whl")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check"]
    install = [sys.executable, "-m", "pip", "install", *options, "--target", str(place), str(file)]
    subprocess.run(install, cwd=built, check=True, capture_output=True, timeout=120)
    return place


@pytest.fixture
def installed(wheel: Path, folder: Path) -> Installed:
    """Run the installed program in an empty folder."""

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(wheel)}
        command = [sys.executable, str(wheel / "bin" / "tanggap"), *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, input=typed, capture_output=True, text=True, timeout=60
        )

    return run


def test_the_wheel_carries_what_is_not_code(wheel: Path) -> None:
    kinds = (("templates", "j2"), ("regions", "yaml"), ("regions", "csv"), ("regions", "geojson"), ("regions", "json"))
    for name, ending in kinds:
        shipped = {str(path.relative_to(ROOT / name)) for path in (ROOT / name).rglob(f"*.{ending}")}
        assert shipped == {
            str(path.relative_to(wheel / "bot" / "_data" / name))
            for path in (wheel / "bot" / "_data" / name).rglob(f"*.{ending}")
        }
        assert shipped
    assert (wheel / "storage" / "migrations" / "versions" / "0001_first_tables.py").exists()
    assert not (wheel / "tests").exists()


def test_check_is_in_order_in_an_empty_folder(installed: Installed, wheel: Path, folder: Path) -> None:
    ran = installed("check", "--at", "2026-06-01")
    assert (ran.returncode, ran.stdout) == (0, "Everything is in order.\n")
    assert re.fullmatch(r"warning: service standards: .* are not written yet: .*\n", ran.stderr)
    assert list(folder.iterdir()) == []


def test_its_own_files_are_the_ones_that_are_read(installed: Installed, wheel: Path) -> None:
    page = wheel / "bot" / "_data" / "templates" / "en" / "citizen" / "thanks.j2"
    text = page.read_text()
    page.unlink()
    try:
        ran = installed("check", "--at", "2026-06-01")
    finally:
        page.write_text(text)
    assert ran.returncode == 1
    assert ran.stderr.startswith("templates/en/citizen/thanks.j2:1: this template is missing, or cannot be read\n")


def test_a_new_town_is_made_from_it_in_an_empty_folder(installed: Installed, folder: Path) -> None:
    """Its country is the installed one, which no folder beside it needs to repeat."""
    ran = installed("region", "new", "--code", "12.11", "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Everything is in order." in ran.stdout
    assert [path.name for path in (folder / "regions").iterdir()] == ["dairi"]
    left = installed("region", "missing", "--dir", "regions/dairi")
    assert (left.returncode, left.stderr) == (0, "")
    assert left.stdout.splitlines()[-1].endswith("left to tell.")


def test_a_whole_conversation_runs_from_it(installed: Installed, folder: Path) -> None:
    ran = installed("talk", typed=f"{STORY}\n1\n")
    assert ran.returncode == 0
    assert "Nomor: *TGP-" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert [path.name for path in folder.iterdir()] == ["data"]
