"""The second bank of the demo: the same bank in the files of other systems gives the same facts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from persona_access.base.content_hash import ContentHash, content_hash
from persona_access.base.warehouse import reading
from persona_access.demo import DemoBank
from persona_access.demo.generate import write_demo
from scenarios.project import ROOT, Project, make_project

# Columns with the origin of a fact: a file, its line, or the training of a mapping.
PROVENANCE = {
    "fct_loads": None,
    "fct_quarantined_rows": ("file_name", "row_number"),
    "fct_hr_conflicts": ("file_name", "row_number"),
    "fct_method_disagreements": ("winning_source_id", "losing_source_id"),
    "fct_persona_assignments": ("source_id", "losing_candidates"),
    "fct_review_lists": ("registry_load_id",),
}
BANK = DemoBank(n_employees=60, n_weeks=2)


def built(root: Path, *, is_foreign: bool) -> Project:
    """Build both weeks of the bank from one kind of files."""
    project = make_project(root, {})
    for file in (ROOT / "seeds").glob("*.csv"):
        shutil.copy(file, project.root / "seeds")
    if is_foreign:
        shutil.copytree(ROOT / "feeds" / "demo", project.root / "feeds")
    zone = project.settings.drop_zone
    write_demo(BANK, zone, root / "truth.csv", is_foreign=is_foreign)
    project.load()
    project.build_models(*BANK.weeks)
    return project


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """Build the bank from its own files, and from those of other systems."""
    folder = tmp_path_factory.mktemp("banks")
    return built(folder / "own", is_foreign=False), built(folder / "other", is_foreign=True)


def hashes(project: Project) -> dict[str, ContentHash]:
    """Hash every mart, without the columns of origin."""
    with reading(project.settings.warehouse) as connection:
        query = "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        marts = [row[0] for row in connection.sql(query).fetchall()]
        return {
            mart: content_hash(connection, f"marts.{mart}", without=PROVENANCE.get(mart) or ())
            for mart in marts
            if PROVENANCE.get(mart, ()) is not None
        }


def test_the_files_differ_and_the_facts_are_the_same(banks: tuple[Project, Project]) -> None:
    own, other = banks
    names = [row["file_name"] for row in own.query("select file_name from marts.fct_loads")]
    assert not set(names) & {
        row["file_name"] for row in other.query("select file_name from marts.fct_loads")
    }
    found, expected = hashes(other), hashes(own)
    assert len(expected) > 20
    assert expected["fct_access_reconciliation"].n_rows > 1_000
    assert {mart for mart in expected if found[mart] != expected[mart]} == set()


def test_the_same_bank_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_demo(BANK, tmp_path / name, tmp_path / f"{name}.csv", is_foreign=True)
    files = sorted((tmp_path / "one").iterdir())
    assert len(files) == 8
    assert [file.read_bytes() for file in files] == [
        (tmp_path / "two" / file.name).read_bytes() for file in files
    ]
