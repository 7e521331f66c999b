"""Read dates in answered lists: Excel saves CSV files with the date format of its country.

The code of a line is computed from the week of its list, so it shows which reading of the week is
right; the other dates of the file have the same format. Dates that stay ambiguous are left
unchanged.
"""

from __future__ import annotations

from persona_access.base.contracts import Contract
from persona_access.base.encryption import landed
from persona_access.loader.codes import is_genuine
from persona_access.loader.session import Connection, file, name, scalar, text
from persona_access.loader.staging import Staged, rewrite_parquet

_DAY, _MONTH, _YEAR = (("d", r"\d{1,2}"), ("m", r"\d{1,2}"), ("Y", r"\d{4}"))
_ORDERS = ((_DAY, _MONTH, _YEAR), (_MONTH, _DAY, _YEAR), (_YEAR, _MONTH, _DAY))
_WEEK = "list_week"
_ISO = r"\d{4}-\d\d-\d\d.*"


def read_dates(
    connection: Connection, staged: Staged, contract: Contract, keys: tuple[str, ...]
) -> tuple[str, ...]:
    """Rewrite the dates of staged answers as YYYY-MM-DD, if only one format is possible.

    Returns a note about dates that had another format.
    """
    columns = [
        column.name
        for column in contract.columns
        if column.parse_as == "date" and column.name in staged.columns
    ]
    rows = landed(file(staged.parquet))
    written = {
        column: f"({name(column)} is not null and not regexp_full_match({name(column)}, '{_ISO}'))"
        for column in columns
    }

    def count(condition: str) -> int:
        return scalar(connection, f"select count(*) from {rows} where {condition}")  # noqa: S608

    def unread(column: str, writing: tuple[str, str]) -> int:
        return count(f"{written[column]} and {_read(column, writing)} is null")

    if not written or count(" or ".join(written.values())) == 0:
        return ()
    possible = _writings()
    if _WEEK in written:
        possible = [writing for writing in possible if unread(_WEEK, writing) == 0]
    if keys and _WEEK in written:
        proved = [
            writing
            for writing in possible
            if count(f"{written[_WEEK]} and {is_genuine(keys, _read(_WEEK, writing))}")
        ]
        possible = proved or possible
    if len(possible) > 1:
        possible = [
            writing
            for writing in possible
            if not any(unread(column, writing) for column in written)
        ]
    if len(possible) != 1:
        return ()
    (writing,) = possible
    read = ", ".join(
        f"case when {is_other} then coalesce({_read(column, writing)}, {name(column)}) "
        f"else {name(column)} end as {name(column)}"
        for column, is_other in written.items()
    )
    query = f"select * replace ({read}) from {rows} order by row_number"  # noqa: S608
    rewrite_parquet(connection, query, staged.parquet)
    shown = writing[0].replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY")
    return (f"Dates in the format {shown} were read as such.",)


def _writings() -> list[tuple[str, str]]:
    """Return each date format with a pattern that it matches. With dots, the day comes first."""
    return [
        (sign.join(f"%{code}" for code, _ in order), f"[{sign}]".join(part for _, part in order))
        for sign in (".", "/", "-")
        for order in _ORDERS
        if not (sign == "." and order[0] is _MONTH) and not (sign == "-" and order[0] is _YEAR)
    ]


def _read(column: str, writing: tuple[str, str]) -> str:
    code, pattern = writing
    value = name(column)
    return (
        f"case when regexp_full_match({value}, {text(pattern)}) "
        f"then strftime(try_strptime({value}, {text(code)}), '%Y-%m-%d') end"
    )
