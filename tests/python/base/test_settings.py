"""Each setting is declared once; everything else reads the declaration."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import docs_tables
from persona_access.base.errors import SettingsError
from persona_access.base.settings import load_settings
from persona_access.base.variables import REPLACED, declarations
from scenarios.project import ROOT, Project

VARIABLE = re.compile(r"PERSONA_ACCESS_[A-Z0-9_]*[A-Z0-9]")
# Code that reads variables without the declaration: dbt, shell, schedulers, images.
READERS = ("*.py", "*.sql", "*.yml", "*.sh", "*.service", "*.j2", "Makefile", "Containerfile")
SECRET = "correct-horse-battery-staple"  # noqa: S105 - invented


def variables_in_code() -> dict[str, set[str]]:
    """Find every variable that a tracked file outside documentation and tests names."""
    named = subprocess.run(
        ["git", "ls-files", "--", *READERS], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split()
    found: dict[str, set[str]] = {}
    for name in named:
        if not name.startswith(("tests/", "scripts/persona_access/base/variables.py")):
            for variable in VARIABLE.findall((ROOT / name).read_text("utf-8")):
                found.setdefault(variable, set()).add(name)
    return found


def test_every_variable_that_code_names_is_declared() -> None:
    declared = {declaration.variable for declaration in declarations()}
    # Names of groups, such as PERSONA_ACCESS_TABLEAU_*, are the start of other names.
    undeclared = {
        variable: files
        for variable, files in variables_in_code().items()
        if not any(name.startswith(variable) for name in declared)
        and not variable.startswith("PERSONA_ACCESS_DROP_ZONE_")
    }
    assert undeclared == {}


def test_a_variable_is_declared_once_with_a_meaning() -> None:
    found = list(declarations())
    assert len({declaration.variable for declaration in found}) == len(found)
    assert all(declaration.meaning and declaration.default for declaration in found)
    assert not {f"PERSONA_ACCESS_{name}" for name in REPLACED} & {
        declaration.variable for declaration in found
    }


def test_only_the_settings_read_variables_of_the_project() -> None:
    package = ROOT / "scripts" / "persona_access"
    read = re.compile(r"environ(\.get\(|\[)\s*f?[\"'](PERSONA_ACCESS|\{)")
    others = set(package.rglob("*.py")) - {package / "base" / "settings.py"}
    assert [str(file) for file in others if read.search(file.read_text("utf-8"))] == []


def test_the_tables_of_the_documentation_are_those_of_the_declaration() -> None:
    stale = [
        file.name
        for file in docs_tables.documents()
        if docs_tables.written(file.read_text("utf-8")) != file.read_text("utf-8")
    ]
    assert stale == [], "run make docs-tables"
    assert "PERSONA_ACCESS_HOME" in (ROOT / "README.md").read_text("utf-8")


def test_a_table_that_differs_is_written_again() -> None:
    table = docs_tables.written("<!-- settings: limits -->\nold\n<!-- end of settings -->")
    assert "| `PERSONA_ACCESS_THREADS` | `1` |" in table
    assert "old" not in table
    with pytest.raises(KeyError):
        docs_tables.written("<!-- settings: no_group -->\n<!-- end of settings -->")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("THREADS", "0", "a whole number of at least 1"),
        ("THREADS", "1.5", "a whole number of at least 1"),
        ("KEEP_RELEASES", "few", "a whole number of at least 1"),
        ("MEMORY_LIMIT", "lots", "a size such as 500MB or 4GB"),
        ("MAX_EXPANDED_SIZE", "8", "a size such as 500MB or 4GB"),
        ("SETTLE_SECONDS", "inf", "a number of seconds"),
        ("SETTLE_SECONDS", "-1", "a number of seconds"),
        ("LEAVE_FILES", "maybe", "true or false"),
        ("PUBLISH_MASKED", "2", "true or false"),
        ("TARGET", "prod", "one of dev, staging, production"),
        ("AS_OF_DATE", "Monday", "a date such as 2026-10-05"),
        ("TABLEAU_URL", "http://tableau.invalid", "an https:// address"),
    ],
)
def test_a_wrong_value_is_one_sentence(name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={f"PERSONA_ACCESS_{name}": value})
    assert str(refused.value).startswith(f"PERSONA_ACCESS_{name} is '{value}': give {allowed}")
    assert "\n" not in str(refused.value)


def test_all_wrong_values_are_named_together() -> None:
    wrong = {"THREADS": "x", "MEMORY_LIMIT": "y", "LEAVE_FILES": "z", "TARGET": "w"}
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={f"PERSONA_ACCESS_{name}": text for name, text in wrong.items()})
    for name, text in wrong.items():
        assert f"PERSONA_ACCESS_{name} is '{text}'" in str(refused.value)
    assert str(refused.value).count("PERSONA_ACCESS_") == len(wrong)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("HOEM", "PERSONA_ACCESS_HOME is"),
        ("LEAVE_FILE", "PERSONA_ACCESS_LEAVE_FILES is"),
        ("ZZZ", "unset it"),
        *REPLACED.items(),
    ],
)
def test_a_variable_that_nothing_reads_is_refused(name: str, instead: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={f"PERSONA_ACCESS_{name}": "1"})
    assert f"PERSONA_ACCESS_{name} " in str(refused.value)
    assert instead in str(refused.value)


def test_an_empty_variable_means_the_default_and_spaces_are_trimmed() -> None:
    names = [declaration.variable for declaration in declarations()]
    empty = load_settings(environ=dict.fromkeys(names, "  "))
    assert empty == load_settings(environ={})
    assert load_settings(environ={"PERSONA_ACCESS_THREADS": " 3 "}).threads == 3


def test_an_option_overrides_its_variable(tmp_path: Path) -> None:
    environ = {"PERSONA_ACCESS_SETTLE_SECONDS": "9", "PERSONA_ACCESS_THREADS": "2"}
    settings = load_settings(home=tmp_path, settle_seconds=1, environ=environ)
    assert (settings.home, settings.settle_seconds, settings.threads) == (tmp_path, 1, 2)
    assert settings.origins == {
        "home": "option",
        "settle_seconds": "option",
        "threads": "environment",
    }


def test_paths_in_variables_start_at_the_project_root() -> None:
    settings = load_settings(
        environ={"PERSONA_ACCESS_HOME": "data/demo", "PERSONA_ACCESS_PUBLISHED": "out"}
    )
    assert settings.warehouse == ROOT / "data" / "demo" / "warehouse.duckdb"
    assert settings.published_masked == ROOT / "out_masked"


def test_the_command_shows_values_and_sources_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [declaration for declaration in declarations() if declaration.is_secret]
    for declaration in secrets:
        monkeypatch.setenv(declaration.variable, SECRET)
    for of_32_bytes in ("PERSONA_ACCESS_ENCRYPTION_KEY", "PERSONA_ACCESS_EVIDENCE_KEY"):
        monkeypatch.setenv(of_32_bytes, "0f" * 32)
    monkeypatch.setenv("PERSONA_ACCESS_METRICS", "http://user:secret@gateway:9091")
    project = Project(ROOT, tmp_path)
    for arguments in (["settings"], ["settings", "--json"]):
        result = project.run(*arguments)
        assert result.exit_code == 0, result.output
        assert "PERSONA_ACCESS_MEMORY_LIMIT" in result.output
        for secret in (SECRET, "0f" * 32, "user:secret"):
            assert secret not in result.output
    found = {record["variable"]: record for record in json.loads(result.output)["settings"]}
    assert found["PERSONA_ACCESS_HOME"]["value"] == str(tmp_path)
    assert found["PERSONA_ACCESS_HOME"]["source"] == "environment"
    assert found["PERSONA_ACCESS_THREADS"]["source"] == "default"
    for declaration in secrets:
        assert found[declaration.variable]["value"] == "set, not shown"


def test_help_does_not_wait_for_the_settings() -> None:
    # It takes longer to import than everything that --help needs.
    shown = "import persona_access.commands.main, sys; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
