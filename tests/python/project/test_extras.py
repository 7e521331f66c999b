"""Each command runs if only its required packages are installed, as in the image."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from scenarios.project import ROOT

UV = ROOT / ".uv" / "bin" / "uv"
# Packages that a module can need beyond the required ones, by its folder or name.
MAY_NEED = {
    "learning.": {"train"},
    "outputs.postgres.": {"postgres"},
    "outputs.publishing.bucket": {"operations"},
    "outputs.tableau.": {"tableau"},
    "base.buckets": {"operations"},
    "loader.drop_zone.bucket": {"operations"},
    "questions.mine": {"train"},
    "weeks.metrics": {"operations"},
    "weeks.alerts.": {"operations"},
    "weeks.reminders": {"operations"},
}
# Refuses the given packages, as if they were not installed; then runs the code.
WITHOUT = """
import json, sys
refused = set(json.loads(sys.argv[1]))
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
"""
COMMANDS = """
from persona_access.commands.main import main
sys.argv[1:] = sys.argv[2:]
main()
"""
MODULES = """
import importlib, pkgutil, persona_access
missing = {}
for module in pkgutil.walk_packages(persona_access.__path__, "persona_access."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            missing[module.name] = error.name.partition(".")[0]
print(json.dumps(missing))
"""


def locked(*extras: str) -> set[str]:
    """Return the distributions that uv.lock has for these extras, without development ones."""
    arguments = [part for extra in extras for part in ("--extra", extra)]
    listed = subprocess.run(
        [UV, "export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", *arguments],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return {plain(name) for name in re.findall(r"^([\w.-]+)==", listed, re.MULTILINE)}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def packages() -> dict[str, set[str]]:
    """Map each top-level package that is installed here to its distributions."""
    return {
        package: {plain(name) for name in names}
        for package, names in packages_distributions().items()
    }


def beyond(installed: set[str], packages: Mapping[str, set[str]]) -> list[str]:
    """List the packages of this environment that these distributions do not contain."""
    return [
        package
        for package, names in packages.items()
        if not names & installed and names != {"persona-access"}
    ]


def without(refused: list[str], code: str, *arguments: str, home: Path, exit_code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code, json.dumps(refused), *arguments],
        cwd=ROOT,
        env=os.environ | {"PERSONA_ACCESS_HOME": str(home), "PERSONA_ACCESS_SETTLE_SECONDS": "0"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_module_needs_no_extra_but_that_of_its_folder(
    packages: Mapping[str, set[str]], tmp_path: Path
) -> None:
    found = json.loads(without(beyond(locked(), packages), MODULES, home=tmp_path))
    assert found, "nothing was refused"
    wrong = []
    for module, package in found.items():
        inner = module.removeprefix("persona_access.")
        extras = set().union(
            *(names for start, names in MAY_NEED.items() if f"{inner}.".startswith(start))
        )
        if not extras or not packages[package] & locked(*extras):
            wrong.append(f"{module} needs {package}")
    assert wrong == []


@pytest.mark.parametrize("command", ["train", "mine", "evaluate", "remind"])
def test_a_command_names_the_extra_that_it_lacks(
    command: str, packages: Mapping[str, set[str]], tmp_path: Path
) -> None:
    said = without(beyond(locked(), packages), COMMANDS, command, home=tmp_path, exit_code=2)
    assert "packages that are not installed" in said
    assert "`uv sync --extra " in said


def test_files_are_loaded_without_any_extra(
    packages: Mapping[str, set[str]], tmp_path: Path
) -> None:
    refused = beyond(locked(), packages)
    assert "sklearn" in refused
    invented = ("demo", "--employees", "20", "--weeks", "1")
    without(refused, COMMANDS, *invented, home=tmp_path)
    assert "4 files loaded" in without(refused, COMMANDS, "load", home=tmp_path)
