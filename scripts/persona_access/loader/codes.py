"""Check the codes of answers at load: the loader has the key, and the warehouse never does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from persona_access.base.contracts import normalise_name
from persona_access.base.encryption import landed
from persona_access.base.list_codes import item_code_in_sql
from persona_access.base.sql import statement
from persona_access.loader.session import Connection, file, name
from persona_access.loader.staging import rewrite_parquet

CODE_STATE = "code_state"


def check_codes(
    connection: Connection, rows: Path, keys: tuple[str, ...], columns: Sequence[str]
) -> None:
    """Add a column to the rows of a delivery: whether the code of the row is genuine.

    The value is `valid`, `invalid`, or `unchecked` if this machine has no key. Rows with an
    invalid code are loaded, too, so that forged answers are on record; models decide how to treat
    them.
    """
    is_valid = is_genuine(keys, "coalesce(list_week, '')[:10]")
    state = f"case when {is_valid} then 'valid' else 'invalid' end" if keys else "'unchecked'"
    if shown := _pair_shown(columns):
        is_of_another = f"{shown} <> {_PAIR} and {shown} in (select {_PAIR} from answered)"  # noqa: S608
        state = f"case when {is_of_another} then 'invalid' else {state} end"
    query = statement(__package__, "checked_codes", rows=landed(file(rows)), state=state)
    rewrite_parquet(connection, query, rows)


# Person and application in the id of an item.
_PAIR = "upper(regexp_extract(item_id, '^(.+):[a-z]+:[^:]*$', 1))"


def _pair_shown(columns: Sequence[str]) -> str | None:
    """Return SQL for the person and application that a line shows beside its id.

    Where they are those of another line, the file was sorted without its ids and codes: nobody
    knows which of the two was decided.
    """
    by_key = {normalise_name(column): column for column in columns}
    if "brid" not in by_key or "applicationid" not in by_key:
        return None
    brid, application = (name(by_key[key]) for key in ("brid", "applicationid"))
    return f"upper(concat({brid}, ':', {application}))"


def is_genuine(keys: tuple[str, ...], week: str) -> str:
    """Return SQL for whether the code of a row is that of its reviewer, item and this week.

    A delegate of the reviewer has the code from the reviewer's list or from a list of their own.
    """
    reviewer, decider = "upper(coalesce(reviewer_brid, ''))", "upper(coalesce(decided_by, ''))"
    of_line = (reviewer, week, "item_id")
    code = "lower(coalesce(list_code, ''))"
    own = f"{code} in ({', '.join(item_code_in_sql(key, *of_line) for key in keys)})"
    delegated = ", ".join(item_code_in_sql(key, *of_line, decider) for key in keys)
    return (
        f"case when {own} then true when {decider} in ('', {reviewer}) then false "
        f"else {code} in ({delegated}) end"
    )
