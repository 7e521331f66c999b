"""Compare the export of another engine with DuckDB's tables: `compare_engines.py spark`.

One side is Parquet, the other a DuckDB file, and one hash function reads both, so neither engine's
own comparison is used. Exits with 1 if anything differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from persona_access.base.content_hash import content_hash
from persona_access.base.settings import load_settings
from persona_access.base.warehouse import reading

# Columns about the run, not its result. dbt loses descriptions of tests if it parses only changed
# files.
_OF_THE_RUN = {"runs.test_results": {"invocation_id", "test_description"}}
# `persona-access build` omits tests of code, which a bare `dbt build` runs.
_COMPARED = {"runs.test_results": "test_name not like '%macro_unit_test'"}


def main(exported: Path, warehouse: Path) -> int:
    """Print a line for each table; return 0 if all are equal."""
    folders = sorted(folder for folder in exported.glob("*.*") if folder.is_dir())
    n_equal = 0
    with reading(warehouse) as connection:
        for folder in folders:
            differences = list(compare(connection, folder))
            n_equal += not differences
            say(f"{'DIFFERENT' if differences else 'equal'}  {folder.name}")
            for sentence in differences:
                say(f"    {sentence}")
    say(f"{n_equal} of {len(folders)} tables are equal.")
    return 0 if folders and n_equal == len(folders) else 1


def compare(connection: duckdb.DuckDBPyConnection, folder: Path, n_rows: int = 3) -> Iterator[str]:
    """Yield the differences between a table and the folder with its name."""
    without = _OF_THE_RUN.get(folder.name, set())
    columns = {
        name: type_
        for name, type_, *_ in connection.sql(f"describe from {folder.name}").fetchall()
        if name not in without
    }
    given = connection.sql(f"describe from read_parquet('{folder}/*.parquet')").fetchall()
    if strange := columns.keys() ^ ({name for name, *_ in given} - without):
        yield f"only one side has {', '.join(sorted(strange))}"
        return
    # Spark writes timestamps with a time zone, which is UTC; PostgreSQL's export is all text.
    casts = ", ".join(f'cast("{name}" as {type_}) as "{name}"' for name, type_ in columns.items())
    listed = ", ".join(f'"{name}"' for name in columns)
    where = f"where {_COMPARED.get(folder.name, 'true')}"
    here = f"select {listed} from {folder.name} {where}"  # noqa: S608
    there = f"select {casts} from read_parquet('{folder}/*.parquet') {where}"  # noqa: S608
    duck, other = (content_hash(connection, f"({query})") for query in (here, there))
    if duck == other:
        return
    yield f"DuckDB has {duck.n_rows:,} rows, the other engine {other.n_rows:,}"
    for side, query in (
        ("DuckDB", f"{here} except all {there}"),
        ("the other", f"{there} except all {here}"),
    ):
        for row in connection.sql(f"{query} order by all limit {n_rows}").fetchall():
            yield f"only {side}: {row}"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - a command that answers on the terminal


if __name__ == "__main__":
    settings = load_settings()
    sys.exit(main(settings.home / sys.argv[1] / "exported", settings.warehouse))
