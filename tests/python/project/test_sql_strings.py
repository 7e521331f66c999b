"""The check of SQL in Python strings refuses planted violations, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_sql_strings


@pytest.mark.parametrize(
    "source",
    [
        'query = """\n    select brid\n    from people\n"""',
        'query = (\n    "select brid "\n    "from people"\n)',
        "query = f'select {column} ' \\\n    f'from {table}'",
        'query = (\n    "select brid "\n    + "from people"\n)',
        'query = "select " + ", ".join(\n    columns\n) + " from people"',
        'query = f"""\n    create or replace temp table {name} as\n    from people\n"""',
        'query = (\n    "update people set brid = null "\n    "where true"\n)',
        'ask(f"""\n    left join people\n    using (brid)\n""")',
    ],
)
def test_sql_of_several_lines_is_refused(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "planted.py"
    file.write_text(source)
    assert check_sql_strings.main([str(file)]) == 1
    assert f"{file}:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "source",
    [
        'query = "select brid from people"',
        'def ask():\n    """Run a query such as\n\n    select brid from people\n    """',
        'message = (\n    "Select a sheet: the rows "\n    "of the others are not loaded."\n)',
        'rows = select(\n    "people",\n    ["brid"],\n    "order by brid",\n)',
    ],
)
def test_other_strings_are_accepted(source: str) -> None:
    assert list(check_sql_strings.faults(source)) == []


def test_the_project_has_no_such_string() -> None:
    assert check_sql_strings.main([]) == 0
