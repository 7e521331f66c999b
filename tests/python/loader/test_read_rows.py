"""Both ways to write the rows without faults give the same rows, on generated deliveries."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_access.loader.read_rows import write_read_rows
from persona_access.loader.staging import Staged, create_faults_table, write_parquet
from persona_access.loader.values import reading_query

WORDS = ["mail", " mail", "n/a", "", "x'y", "2026-13-45", "ünï", None]
N_ROWS = 3000


def deliver(folder: Path, seed: int, connection: duckdb.DuckDBPyConnection) -> Staged:
    """Stage random rows in several row groups, with readings, faults and contradictions."""
    dice = random.Random(seed)  # noqa: S311 - the same delivery each time
    rows = [
        (dice.choice(WORDS), dice.choice(WORDS), f"name {dice.randrange(N_ROWS)}", 2 + 3 * at)
        for at in range(N_ROWS)
    ]
    connection.execute(
        "create or replace table rows (brid varchar, ends varchar, name varchar, row_number bigint)"
    )
    given = pa.table(
        dict(zip(["brid", "ends", "name", "row_number"], zip(*rows, strict=True), strict=True))
    )
    connection.register("given", given)
    connection.execute("insert into rows from given")
    staged = folder / "staged.parquet"
    query = f"""
        copy (select *, 'load' as load_id, timestamp '2026-03-02 01:02:03' as loaded_at from rows)
        to '{staged}' (format parquet, row_group_size {dice.choice([2048, 100_000])})
    """
    connection.execute(query)
    create_faults_table(connection)
    connection.execute(
        """
        create or replace temp table readings (
            column_name varchar, delivered varchar, reading varchar, takes_row boolean
        )
        """
    )
    connection.execute(
        "create or replace temp table contradictions (row_number bigint, column_name varchar)"
    )
    readings = [("brid", " mail", "mail", None), ("brid", "n/a", None, False)]
    readings += [("ends", "2026-13-45", None, True), ("ends", "n/a", None, None)]
    chosen = dice.sample(readings, dice.randint(0, len(readings)))
    for reading in chosen:
        connection.execute("insert into readings values (?, ?, ?, ?)", reading)
    if ("ends", "2026-13-45", None, True) in chosen:
        connection.execute(
            "insert into faults (row_number, quarantined_part) "
            "select row_number, 'row' from rows where ends = '2026-13-45'"
        )
    bad = [number for *_, number in rows if dice.random() < 0.01] if dice.random() < 0.8 else []
    for number in bad:
        part = dice.choice(["row", "value"])
        connection.execute(
            "insert into faults (row_number, quarantined_part) values (?, ?)", [number, part]
        )
    for number in dice.sample([number for *_, number in rows], dice.choice([0, 20])):
        connection.execute("insert into contradictions values (?, 'ends')", [number])
    columns = ("brid", "ends", "name")
    return Staged(staged, columns, N_ROWS, 0, None, may_hold_control_characters=True)


@pytest.mark.parametrize("seed", range(12))
def test_arrow_writes_the_rows_that_duckdb_writes(tmp_path: Path, seed: int) -> None:
    with duckdb.connect() as connection:
        staged = deliver(tmp_path, seed, connection)
        one, other = tmp_path / "arrow.parquet", tmp_path / "duckdb.parquet"
        n_rows = write_read_rows(connection, staged.parquet, one)
        assert n_rows == write_parquet(connection, reading_query(connection, staged), other)
        written = [
            connection.execute(f"select * from '{file}' order by row_number").fetchall()
            for file in (one, other)
        ]
        assert written[0] == written[1]
        types = [connection.execute(f"describe from '{file}'").fetchall() for file in (one, other)]
        assert types[0] == types[1]


def test_a_row_group_without_good_rows_is_left_out(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        staged = deliver(tmp_path, 1, connection)
        connection.execute("insert into faults (row_number, quarantined_part) select row_number, "
                           "'row' from rows")  # fmt: skip
        target = tmp_path / "arrow.parquet"
        assert write_read_rows(connection, staged.parquet, target) == 0
        assert pq.read_table(target).num_rows == 0
