"""Dev, staging and production share no file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from persona_access.base.errors import SettingsError
from persona_access.base.settings import Settings, load_settings
from persona_access.base.targets import claim_home
from scenarios.project import ROOT, Project


def settings(target: str, **named: Path) -> Settings:
    variables = {f"PERSONA_ACCESS_{name.upper()}": str(path) for name, path in named.items()}
    project = {"PERSONA_ACCESS_PROJECT": str(ROOT), "PERSONA_ACCESS_TARGET": target}
    return load_settings(environ=project | variables)


def test_only_dev_has_a_home_by_default() -> None:
    assert settings("dev").home == settings("").home == ROOT / "data"
    for target in ("staging", "production"):
        with pytest.raises(SettingsError, match="which has no home by default"):
            settings(target)


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(SettingsError, match="give one of dev, staging, production"):
        settings("prod")


@pytest.mark.parametrize("target", ["dev", "staging"])
@pytest.mark.parametrize(
    ("setting", "below"),
    [
        ("home", "."),
        ("home", "nested/home"),
        ("warehouse", "warehouse.duckdb"),
        ("drop_zone", "drop"),
        ("published", "published"),
    ],
)
def test_no_folder_of_production_is_used_by_another_target(
    target: str, setting: str, below: str, tmp_path: Path
) -> None:
    production = tmp_path / "production"
    claim_home(production, "production")
    # The first owner stays.
    claim_home(production, target)
    named = {"home": tmp_path / "other"} | {setting: production / below}
    assert settings("production", **(named | {"home": production})).target == "production"
    with pytest.raises(SettingsError, match=f"belongs to the target 'production'.*is '{target}'"):
        settings(target, **named)


def test_load_marks_the_home_and_no_other_target_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(ROOT, tmp_path / "home")
    monkeypatch.setenv("PERSONA_ACCESS_TARGET", "staging")
    assert project.run("load", "--init").exit_code == 0
    for target, exit_code in (("staging", 0), ("production", 2), ("dev", 2)):
        monkeypatch.setenv("PERSONA_ACCESS_TARGET", target)
        assert project.run("load", "--init").exit_code == exit_code


def test_production_takes_no_invented_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_ACCESS_TARGET", "production")
    result = Project(ROOT, tmp_path / "home").run("demo", "--employees", "10")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "where an invented bank must not be mixed with real people" in result.output


def test_a_bare_dbt_refuses_the_home_of_another_target(built_bank: Project) -> None:
    def said(target: str) -> str:
        bare = replace(built_bank._dbt, flags=("--target", target))
        bare._manifest = built_bank._dbt.manifest
        return bare.operate("keep_targets_apart")

    assert said("dev") == ""
    for target in ("staging", "production"):
        assert f"belongs to the target 'dev', and this is '{target}'" in said(target)
