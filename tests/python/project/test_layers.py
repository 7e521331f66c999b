"""Each contract of the Python layers finds a planted violation in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
LAYERS = "Each layer imports from the layers below it alone"
TERMINAL = "Only commands show something on a terminal"
COMMANDS = "A command imports no other command"
QUESTIONS = "Questions are independent, over one replay engine"
OUTPUTS = "What is published rests on releases, and no kind of output on another"
CYCLES = "No package imports itself in a circle"


@pytest.fixture
def copy(tmp_path: Path, project_root: Path) -> Path:
    """Copy the package and its contracts."""
    shutil.copy(project_root / "pyproject.toml", tmp_path)
    package = tmp_path / "scripts" / "persona_access"
    shutil.copytree(project_root / "scripts" / "persona_access", package)
    return package


def broken(package: Path) -> set[str]:
    """Return the contracts that are broken."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"],
        cwd=package.parent.parent,
        env={**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    # The number of ignored imports can follow it.
    found = set(re.findall(r"^(.+) BROKEN\b", done.stdout, re.MULTILINE))
    assert done.returncode == (1 if found else 0), done.stdout + done.stderr
    return found


def test_the_package_keeps_its_contracts(copy: Path) -> None:
    assert broken(copy) == set()


@pytest.mark.parametrize(
    ("file", "statement", "contracts"),
    [
        ("base/names.py", "from persona_access.audit import record", {LAYERS}),
        ("loader/outcome.py", "from persona_access.commands.main import app", {LAYERS}),
        ("learning/keys.py", "from persona_access.demo import DemoBank", {LAYERS}),
        ("weeks/plan.py", "import typer", {TERMINAL}),
        ("outputs/report/write.py", "from rich.console import Console", {TERMINAL}),
        ("commands/explain.py", "from persona_access.commands.summary import summary", {COMMANDS}),
        (
            "questions/summary.py",
            "from persona_access.questions.explain import explain",
            {QUESTIONS},
        ),
        (
            "outputs/work_lists/words.py",
            "from persona_access.outputs.tableau.fields import FORMATS",
            {OUTPUTS},
        ),
        ("weeks/run_record.py", "from persona_access.weeks.run import Order", {CYCLES}),
    ],
)
def test_a_violation_is_found(copy: Path, file: str, statement: str, contracts: set[str]) -> None:
    module = copy / file
    module.write_text(f"{module.read_text()}\n{statement}  # noqa\n")
    assert broken(copy) >= contracts


def test_a_package_that_no_layer_names_is_found(copy: Path) -> None:
    (copy / "helpers").mkdir()
    (copy / "helpers" / "__init__.py").write_text("")
    assert broken(copy) == {LAYERS}


def test_an_unused_dependency_is_found(tmp_path: Path, project_root: Path) -> None:
    settings = (project_root / "pyproject.toml").read_text()
    planted = settings.replace('    "jinja2==', '    "unused-package==1.0",\n    "jinja2==', 1)
    assert planted != settings
    (tmp_path / "pyproject.toml").write_text(planted)
    shutil.copytree(project_root / "scripts", tmp_path / "scripts")
    done = subprocess.run(
        [BIN / "deptry", "scripts", "--no-ansi"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "DEP002 'unused-package'" in done.stderr + done.stdout


def test_the_walk_of_a_delivery_names_what_exists(project_root: Path) -> None:
    text = (project_root / "CONTRIBUTING.md").read_text("utf-8")
    rooms = re.findall(r"^\| \d+ \| `([^`]+)` \| (?:`(\w+)` )?\|", text, re.MULTILINE)
    assert len(rooms) == 10
    for file, function in rooms:
        assert f"def {function}(" in (project_root / file).read_text("utf-8") or not function
