"""Check the values of staged rows against the contract, each distinct value once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from persona_access.base.contracts import Column, Contract, normalise_name
from persona_access.base.encryption import landed
from persona_access.loader.session import Connection, file, name, scalar, text
from persona_access.loader.staging import Staged

_BOOLEANS = ("true", "t", "yes", "y", "1", "false", "f", "no", "n", "0")
_TIME = r"[ T]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?"
_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_MAX_SHOWN = 60


@dataclass(frozen=True)
class _Check:
    """One thing that can be wrong with a value: an SQL condition that is true when it is."""

    column: str
    is_wrong: str
    reason: str
    complaint: str


def record_value_faults(connection: Connection, staged: Staged, contract: Contract) -> None:
    """Add a row to the table `faults` for each staged row with a wrong value.

    The first wrong value in the order of the contract decides; the message names them all.
    """
    checks = list(_checks(contract, with_control_characters=staged.may_hold_control_characters))
    rows = landed(file(staged.parquet))
    if not any(
        _is_any_value_wrong(connection, rows, column, list(of_column))
        for column, of_column in groupby(checks, key=lambda check: check.column)
    ):
        return
    any_wrong = " or ".join(f"({check.is_wrong})" for check in checks)
    wrong = ", ".join(
        f"""case when {check.is_wrong} then {{
            'column_name': {text(check.column)}, 'value': {name(check.column)},
            'reason': {text(check.reason)}, 'message': {_message(check)}
        }} end"""
        for check in checks
    )
    lines = staged.raw_lines or "select null::bigint as row_number, null::varchar as raw_line"
    brid = "brid" if "brid" in contract.column_names else "null"
    connection.execute(
        f"""
        insert into faults
        with
        wrong_rows as (
            select
                row_number,
                {brid} as brid,
                list_filter([{wrong}], lambda fault: fault is not null) as wrong
            from {rows}
            where {any_wrong}
        )
        select
            wrong_rows.row_number,
            wrong[1].column_name,
            wrong[1].value,
            wrong[1].reason,
            list_aggregate(list_transform(wrong, lambda fault: fault.message), 'string_agg', ' '),
            wrong_rows.brid,
            lines.raw_line
        from wrong_rows
        left join ({lines}) as lines on wrong_rows.row_number = lines.row_number
        """  # noqa: S608 - names come from the contract, literals are escaped
    )


def _is_any_value_wrong(
    connection: Connection, rows: str, column: str, checks: list[_Check]
) -> bool:
    """Check each distinct value once: five million dates are a few thousand."""
    any_wrong = " or ".join(f"({check.is_wrong})" for check in checks)
    # A table, for DuckDB would move the conditions of a subquery below its distinct.
    values = f"select distinct {name(column)} from {rows}"  # noqa: S608
    connection.execute(f"create or replace temp table distinct_values as {values}")
    return scalar(connection, f"select count(*) from distinct_values where {any_wrong}") > 0  # noqa: S608


def _message(check: _Check) -> str:
    column = name(check.column)
    shown = (
        f"case when len({column}) > {_MAX_SHOWN} "
        f"then {column}[:{_MAX_SHOWN}] || '...' else {column} end"
    )
    return f"format({text(check.complaint)}, coalesce({shown}, ''))"


def _checks(contract: Contract, *, with_control_characters: bool) -> Iterator[_Check]:
    for column in contract.columns:
        if column.name == _first_key(contract):
            # Files pasted together carry their headers along.
            yield _Check(
                column.name,
                f"translate(lower({name(column.name)}), ' _', '') = "
                f"{text(normalise_name(column.name))}",
                "header_repeated",
                "The row repeats the header.",
            )
        if with_control_characters:
            yield _Check(
                column.name,
                f"regexp_matches({name(column.name)}, {text(_CONTROL)})",
                "control_character",
                f"{column.name} holds a control character.",
            )
        yield from _checks_of(column)


def _first_key(contract: Contract) -> str | None:
    return next((c.name for c in contract.columns if c.is_value_required), None)


def _checks_of(column: Column) -> Iterator[_Check]:
    value = name(column.name)
    # As staging cleans text: tabs and no-break spaces come from spreadsheets.
    cleaned = f"trim(replace(replace({value}, chr(9), ' '), chr(160), ' '))"
    is_filled = f"{cleaned} <> ''"
    if column.is_value_required:
        yield _Check(
            column.name,
            f"{value} is null or not ({is_filled})",
            "value_missing",
            f"{column.name} is empty, and every row needs one.",
        )
    if column.parse_as == "date":
        yield _Check(
            column.name,
            f"{is_filled} and not {_is_date(cleaned)}",
            "date_unreadable",
            f"{column.name} is '{{}}', which is not a date: write YYYY-MM-DD.",
        )
    if column.parse_as == "boolean":
        words = ", ".join(text(word) for word in _BOOLEANS)
        yield _Check(
            column.name,
            f"{is_filled} and lower({cleaned}) not in ({words})",
            "boolean_unreadable",
            f"{column.name} is '{{}}', which is neither true nor false.",
        )
    if column.accepted_values:
        words = ", ".join(text(_word(word)) for word in column.accepted_values)
        yield _Check(
            column.name,
            f"{is_filled} and translate(lower({cleaned}), ' _-', '') not in ({words})",
            "value_not_accepted",
            f"{column.name} is '{{}}', not one of: {', '.join(column.accepted_values)}.",
        )


def _is_date(value: str) -> str:
    return f"""(
        {value} like '____-__-__%'
        and try_cast({value}[:10] as date) >= date '0001-01-01'
        and (len({value}) = 10 or regexp_full_match({value}[11:], {text(_TIME)}))
    ) is true"""


def _word(value: str) -> str:
    return value.lower().replace(" ", "").replace("_", "").replace("-", "")
