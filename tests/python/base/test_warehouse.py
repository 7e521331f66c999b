"""A command works in little memory, in as much as the settings allow, or says what it needs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from persona_access.base.errors import MachineError
from persona_access.base.settings import load_settings
from persona_access.base.warehouse import in_little_memory

# Sums of a million groups cannot spill without a folder for it.
LARGE = "create table sums as select i % 1000000 as one, sum(i) from range(2000000) t(i) group by 1"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that must not spill, with the low limit of a command."""
    return duckdb.connect(config={"memory_limit": "5MB", "temp_directory": "", "threads": 1})


def test_work_that_needs_more_is_done_again_under_the_limit_of_the_settings(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path, environ={"PERSONA_ACCESS_MEMORY_LIMIT": "2GB"})
    with pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(LARGE)
    in_little_memory(connection, settings, lambda: connection.execute(LARGE))
    assert connection.execute("select count(*) from sums").fetchone() == (1_000_000,)


def test_too_low_a_limit_is_named_with_its_setting(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path, environ={"PERSONA_ACCESS_MEMORY_LIMIT": "6MB"})
    with pytest.raises(MachineError, match=r"PERSONA_ACCESS_MEMORY_LIMIT \(6MB\) allows: raise it"):
        in_little_memory(connection, settings, lambda: connection.execute(LARGE))
