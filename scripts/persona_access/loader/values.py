"""Check values by the contract: each distinct value is read once, then all rows together.

The table `readings` holds only values that are not loaded unchanged: values that cleaning, a word
for nothing or a time zone changes, and bad values with their reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from persona_access.base.cleaning import clean_sql, may_be_unclean_sql
from persona_access.base.contracts import Column, Contract, normalise_name
from persona_access.base.encryption import landed
from persona_access.base.errors import RefusalError
from persona_access.base.printable import counted
from persona_access.loader.session import (
    Connection,
    file,
    name,
    planned_plainly,
    scalar,
    text,
)
from persona_access.loader.shapes import is_brid_sql, shape_complaint
from persona_access.loader.staging import Staged

_BOOLEANS = ("true", "t", "yes", "y", "1", "false", "f", "no", "n", "0")
# Errors that a spreadsheet in any language saves, such as #REF!, #WERT! and
# #\u00bfNOMBRE?; `#N/A` is a word for nothing.
_SPREADSHEET_ERRORS = r"#([\x{A1}\x{BF}]?[\p{L}/0]+[!?]|GETTING_DATA)"
_HOUR = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?"
_ZONE = r" ?(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
# Characters that would move the cursor, colour a terminal or change the text direction.
_UNPRINTABLE = r"[\x00-\x1F\x7F-\x9F\p{Cf}\x{2028}\x{2029}]"
_TIME = rf"\d{{4}}-\d\d-\d\d([ T]{_HOUR}({_ZONE})?)?"
_MAX_SHOWN = 60
UNKNOWN = "value_unknown"


@dataclass(frozen=True)
class ReadValues:
    """The values that were read differently than written, and whether rows must be rewritten."""

    is_changed: bool
    n_values_quarantined: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Check:
    """A possible fault of a value: an SQL condition that is true for values with the fault."""

    is_wrong: str
    reason: str
    complaint: str
    takes_row: bool = True


def read_values(connection: Connection, staged: Staged, contract: Contract) -> ReadValues:
    """Fill `readings`, and add to `faults` a record for each bad row and each bad value.

    Raises RefusalError if most values of a column are bad, or most holders are not BRIDs: then the
    file has another column in this place.
    """
    connection.execute(
        """
        create or replace temp table readings (
            column_name varchar, delivered varchar, reading varchar, n_rows bigint,
            is_cleaned boolean, is_nothing boolean, is_date_for_nothing boolean,
            reason varchar, message varchar, takes_row boolean
        )
        """
    )
    connection.execute(
        "create or replace temp table contradictions "
        "(row_number bigint, column_name varchar, complaint varchar)"
    )
    rows = landed(file(staged.parquet))
    for column in contract.columns:
        if column.name in staged.columns:
            _read_column(connection, rows, staged, contract, column)
        elif column.is_value_required:  # pragma: no cover - the header check refuses it before
            raise RefusalError(f"Required column '{column.name}' is missing.")
    _refuse_names_of_a_directory(connection, rows, contract)
    columns = [
        str(found)
        for (found,) in connection.execute(
            "select distinct column_name from readings order by 1"
        ).fetchall()
    ]
    _find_contradictions(connection, rows, staged, contract)
    if not columns and scalar(connection, "select count(*) from contradictions") == 0:
        return ReadValues(is_changed=False, n_values_quarantined=0, notes=())
    _refuse_another_column(connection, rows, contract)
    _record_bad_rows(connection, rows, staged, contract)
    _record_bad_values(connection, rows, staged, contract)
    _record_contradictions(connection, rows, staged, contract)
    return ReadValues(
        is_changed=True,
        n_values_quarantined=scalar(
            connection, "select count(*) from faults where quarantined_part = 'value'"
        ),
        notes=_notes(connection),
    )


def reading_query(connection: Connection, staged: Staged) -> str:
    """Return SQL for the rows without faults, each value as it was read."""
    columns = [
        str(found)
        for (found,) in connection.execute(
            """
            select column_name from readings where not coalesce(takes_row, false)
            union
            select column_name from contradictions
            order by 1
            """
        ).fetchall()
    ]
    rows = landed(file(staged.parquet))
    joined = " ".join(_joined(at, column) for at, column in enumerate(columns))
    replaced = ", ".join(
        f"case when staged.row_number in ({_contradicting(column)}) then null "
        f"when r{at}.column_name is not null then r{at}.reading "
        f"else staged.{name(column)} end as {name(column)}"
        for at, column in enumerate(columns)
    )
    return f"""
        select staged.* {f"replace ({replaced})" if replaced else ""}
        from {rows} as staged
        {joined}
        where staged.row_number not in (
            select row_number from faults where quarantined_part = 'row'
        )
    """  # noqa: S608 - names come from the contract or are quoted


def _contradicting(column: str) -> str:
    return f"select row_number from contradictions where column_name = {text(column)}"  # noqa: S608


def _find_contradictions(
    connection: Connection, rows: str, staged: Staged, contract: Contract
) -> None:
    """Find dates that are before a date that they must not precede."""
    for column in contract.columns:
        start = column.not_before
        if start is None or not {column.name, start} <= set(staged.columns):
            continue
        connection.execute(
            f"""
            insert into contradictions
            select row_number, {text(column.name)}, {text(f"before {start}, so it is not an end")}
            from {rows}
            where
                {name(column.name)}[:10] < {name(start)}[:10]
                and {_was_read(column.name)} and {_was_read(start)}
            """  # noqa: S608 - names come from the contract
        )


def _was_read(column: str) -> str:
    """Return a condition that is true for a value that is loaded unchanged."""
    return (
        f"coalesce({name(column)} not in (select delivered from readings "  # noqa: S608
        f"where column_name = {text(column)} and delivered is not null), true)"
    )


def _record_contradictions(
    connection: Connection, rows: str, staged: Staged, contract: Contract
) -> None:
    found = connection.execute("select distinct column_name from contradictions").fetchall()
    for column in contract.columns:
        if (column.name,) not in found:
            continue
        value = f"staged.{name(column.name)}"
        complaint = text(f"{column.name} is '{{}}', {{}}. The value is left out; the row counts.")
        message = f"format({complaint}, {shown_sql(value)}, contradictions.complaint)"
        joined = (
            "inner join contradictions on staged.row_number = contradictions.row_number "
            f"and contradictions.column_name = {text(column.name)}"
        )
        fault = f"{text(column.name)}, {value}, 'date_contradicts', {message}"
        _record_values(connection, rows, staged, contract, joined, fault)


def _joined(at: int, column: str) -> str:
    return f"""
        left join (select * from readings where column_name = {text(column)}) as r{at}
        on staged.{name(column)} is not distinct from r{at}.delivered
    """  # noqa: S608 - literals are escaped


def _read_column(
    connection: Connection, rows: str, staged: Staged, contract: Contract, column: Column
) -> None:
    value = name(column.name)
    checks = list(_checks(column, contract, with_control_signs=staged.may_hold_control_characters))
    may_be_unclean = may_be_unclean_sql(
        value,
        with_control_signs=staged.may_hold_control_characters,
        with_breaks=staged.may_hold_breaks,
    )
    nothing, unknown = contract.words_of(column)
    words = ", ".join(map(text, nothing))
    every = (*nothing, *unknown)
    longest = max((len(word.encode()) for word in every), default=0)
    is_word = (
        f"(strlen({value}) <= {longest} and lower({value}) in ({', '.join(map(text, every))}))"
        if every
        else "false"
    )
    # Free text can have a different value in each of five million rows.
    is_free = all(check.reason in ("spreadsheet_error", UNKNOWN) for check in checks)
    where = f"where {may_be_unclean} or {is_word} or {value} like '#%'" if is_free else ""
    connection.execute(
        f"""
        create or replace temp table distinct_values as
        select {value}, count(*) as n_rows from {rows} {where} group by 1
        """  # noqa: S608
    )
    # Most free text is loaded unchanged, and planning the rest takes 8 ms.
    if scalar(connection, "select count(*) from distinct_values") == 0:
        return
    wrong = [
        f"when {check.is_wrong} then {{'reason': {text(check.reason)}, "
        f"'message': {_message(check)}, 'takes_row': {check.takes_row}}}"
        for check in checks
    ]
    kind = "struct(reason varchar, message varchar, takes_row boolean)"
    fault = f"case {' '.join(wrong)} end" if wrong else f"null::{kind}"
    with planned_plainly(connection):
        connection.execute(
            f"""
        insert into readings
        with
        cleaned as (
            select
                {value} as delivered,
                n_rows,
                case when {may_be_unclean} then {clean_sql(value)} else {value} end as cleaned
            from distinct_values
        ),
        told as (
            select
                *,
                coalesce(lower(cleaned) in ({words or "null"}), false) as is_nothing,
                case when is_nothing then null else cleaned end as value,
                {_day(contract) if column.parse_as == "date" else "null::varchar"} as day,
                coalesce(day in ({_dates(contract)}), false)
                    and {column.is_date_for_nothing} as is_date_for_nothing
            from cleaned
        ),
        decided as (
            select *, {fault} as fault from told
        )
        select
            {text(column.name)},
            delivered,
            case
                when fault is not null or is_date_for_nothing then null
                {
                f"when regexp_full_match(value[11:], {text('.*[^ ]' + _ZONE)}) then day"
                if column.parse_as == "date"
                else ""
            }
                else value
            end as reading,
            n_rows,
            cleaned is distinct from delivered as is_cleaned,
            is_nothing,
            is_date_for_nothing,
            fault.reason,
            fault.message,
            fault.takes_row
        from decided
        where fault is not null or reading is distinct from delivered
        """  # noqa: S608 - names come from the contract, literals are escaped
        )


def _dates(contract: Contract) -> str:
    return ", ".join(text(date) for date in contract.dates_for_nothing) or "null"


def _day(contract: Contract) -> str:
    """Return SQL for the date of a value, as text; null if it is not a date.

    A time with a zone has the date of that moment in the feed's zone.
    """
    with_seconds = r"regexp_replace(value, '^(.{16})([^:]|$)', '\1:00\2')"
    plain = f"regexp_replace(replace({with_seconds}, ',', '.'), ' ?(Z|UTC)$', '+00:00')"
    offset = r"' ?([+-]\d\d):?([0-5]\d)?$'"
    in_zone = (
        f"try_cast(regexp_replace({plain}, {offset}, '\\1:\\2') as timestamptz) "
        f"at time zone {text(contract.time_zone)}"
    )
    return f"""(case
        when not coalesce(
            value like '____-__-__%'
            and try_cast(value[:10] as date) >= date '0001-01-01',
            false
        ) then null
        when len(value) = 10 then value
        when regexp_full_match(value[11:], {text("[ T]" + _HOUR + _ZONE)})
            then strftime(({in_zone})::date, '%Y-%m-%d')
        when regexp_full_match(value[11:], {text("[ T]" + _HOUR)}) then value[:10]
    end)"""


def _checks(column: Column, contract: Contract, *, with_control_signs: bool) -> Iterator[_Check]:
    """Yield the checks of a column in order; the first that fails gives the reason."""
    if column.name == first_key(contract):
        # Concatenated files contain further header lines.
        yield _Check(
            f"translate(lower(value), ' _', '') = {text(normalise_name(column.name))}",
            "header_repeated",
            "The row repeats the header.",
        )
    takes_row = column.on_bad_value == "row"
    if with_control_signs:
        yield _Check(
            f"regexp_matches(cleaned, {text(_CONTROL)})",
            "control_character",
            f"{column.name} contains a control character.",
            takes_row,
        )
    _, unknown = contract.words_of(column)
    if unknown:
        yield _Check(
            f"lower(value) in ({', '.join(map(text, unknown))})",
            UNKNOWN,
            f"{column.name} is '{{}}', a word for an unknown value; if it is a real value, "
            "declare it below real_values of the column.",
            takes_row=column.is_value_required,
        )
    if column.is_value_required:
        yield _Check(
            "value is null",
            "value_missing",
            f"{column.name} is empty, and every row needs one.",
        )
    if column.parse_as == "date":
        first, last = column.plausible_dates
        yield _Check(
            "value is not null and day is null",
            "date_unreadable",
            f"{column.name} is '{{}}', which is not a date: write YYYY-MM-DD.",
            takes_row,
        )
        yield _Check(
            f"not is_date_for_nothing and (day < {text(first)} or day > {text(last)})",
            "date_implausible",
            f"{column.name} is '{{}}', which is not between {first} and {last}.",
            takes_row,
        )
    if column.parse_as == "time":
        # Staging casts the first 19 characters: values that no engine can cast must not reach it.
        yield _Check(
            f"value is not null and (not regexp_full_match(value, {text(_TIME)}) "
            "or try_cast(replace(left(value, 19), 'T', ' ') as timestamp) is null)",
            "time_unreadable",
            f"{column.name} is '{{}}', which is not a time: write YYYY-MM-DDThh:mm:ssZ.",
            takes_row,
        )
    if column.parse_as == "boolean":
        words = ", ".join(text(word) for word in _BOOLEANS)
        yield _Check(
            f"value is not null and (lower(value) not in ({words}) or {_is_foreign('value')})",
            "boolean_unreadable",
            f"{column.name} is '{{}}', which is neither true nor false.",
            takes_row,
        )
    if column.accepted_values:
        words = ", ".join(text(_word(word)) for word in column.accepted_values)
        is_foreign = (
            _is_foreign("value") if all(map(str.isascii, column.accepted_values)) else "false"
        )
        yield _Check(
            f"value is not null and (translate(lower(value), ' _-', '') not in ({words}) "
            f"or {is_foreign})",
            "value_not_accepted",
            f"{column.name} is '{{}}', not one of: {', '.join(column.accepted_values)}.",
            takes_row,
        )
    if column.parse_as is None and not column.accepted_values:
        yield _Check(
            f"regexp_full_match(upper(value), {text(_SPREADSHEET_ERRORS)})",
            "spreadsheet_error",
            f"{column.name} is '{{}}', an error of a spreadsheet.",
            takes_row=column.is_value_required,
        )
    if column.parse_as in ("brid", "holder", "application"):
        for is_wrong, complaint in shape_complaint(column.parse_as, "value"):
            yield _Check(
                f"value is not null and {is_wrong}",
                "bad_key",
                f"{column.name} is '{{}}', {complaint}",
                takes_row,
            )


def _is_foreign(value: str) -> str:
    """Detect letters of other alphabets: some of them become ASCII in lower case."""
    return f"strlen({value}) <> length({value})"


def first_key(contract: Contract) -> str | None:
    """Return the first column that has a value in every row."""
    return next((c.name for c in contract.columns if c.is_value_required), None)


def shown_sql(value: str) -> str:
    """Return SQL for a value in a form for messages: short, and without control characters."""
    plain = f"regexp_replace({value}, {text(_UNPRINTABLE)}, '\ufffd', 'g')"
    return (
        f"coalesce(case when len({value}) > {_MAX_SHOWN} "
        f"then left({plain}, {_MAX_SHOWN}) || '...' else {plain} end, '')"
    )


def _message(check: _Check) -> str:
    emptied = "" if check.takes_row else " The value is left out; the row counts."
    return f"format({text(check.complaint + emptied)}, {shown_sql('cleaned')})"


def _refuse_another_column(connection: Connection, rows: str, contract: Contract) -> None:
    """Refuse a file if most values of a column are bad, even if the column decides nothing."""
    found = connection.execute(
        """
        select column_name, sum(n_rows), arg_max(message, n_rows)
        from readings
        where takes_row = false and reason <> $unknown
        group by 1
        having sum(n_rows) > $n_most
        order by 2 desc
        """,
        {"n_most": contract.max_quarantined_rows, "unknown": UNKNOWN},
    ).fetchall()
    for column, n_bad, message in found:
        n_filled = scalar(connection, f"select count({name(column)}) from {rows}")  # noqa: S608
        if n_bad * 2 > n_filled:
            sentence = str(message).removesuffix(" The value is left out; the row counts.")
            way_out = (
                "If it means no value, declare it below words_for_nothing."
                if contract.file_pattern is None
                else f"Declare its format below columns.{column} in feeds/{contract.source}.yml "
                "(for a date: dates), or that it means no value (nothing)."
            )
            raise RefusalError(
                f"{n_bad:,} of {n_filled:,} values of {column} are bad, more than half: {sentence} "
                f"{way_out}"
            )


def _refuse_names_of_a_directory(connection: Connection, rows: str, contract: Contract) -> None:
    """Refuse a registry that names most holders by their logins, which HR does not have.

    A mapped feed is exempt: its mapping decided what the holders are.
    """
    for column in contract.columns:
        if column.parse_as != "holder" or contract.source != contract.feed:
            continue
        is_unreadable = " or ".join(bad for bad, _ in shape_complaint("holder", "holder"))
        n_rows, n_names = connection.execute(
            f"""
            with holders as (
                select trim({name(column.name)}) as holder, count(*) as n_rows
                from {rows} group by 1
            )
            select
                coalesce(sum(n_rows), 0),
                coalesce(
                    sum(n_rows) filter (not {is_brid_sql("holder")} and not ({is_unreadable})), 0
                )
            from holders where coalesce(holder, '') <> ''
            """  # noqa: S608 - names come from the contract
        ).fetchall()[0]
        if n_names > contract.max_quarantined_rows and n_names * 2 > n_rows:
            raise RefusalError(
                f"{n_names:,} of {n_rows:,} values of {column.name} are names of a directory, such "
                "as DOMAIN\\name or a mail address, so none of their holders would be found in HR: "
                "export the employee's identifier."
            )


def _keys(contract: Contract, staged: Staged) -> dict[str, str]:
    """Return SQL for a key of a quarantined row as it was read, else null."""
    keys = {}
    for column in ("brid", "application_id", "account_id"):
        is_known = column in contract.column_names and column in staged.columns
        keys[column] = (
            f"(case when k_{column}.column_name is not null then k_{column}.reading "
            f"else staged.{column} end)"
            if is_known
            else "null::varchar"
        )
    return keys


def _key_joins(contract: Contract, staged: Staged) -> str:
    return " ".join(
        f"left join (select * from readings where column_name = '{column}') as k_{column} "  # noqa: S608
        f"on staged.{column} is not distinct from k_{column}.delivered"
        for column in ("brid", "application_id", "account_id")
        if column in contract.column_names and column in staged.columns
    )


def _record_bad_rows(connection: Connection, rows: str, staged: Staged, contract: Contract) -> None:
    columns = _columns_with(connection, "takes_row", contract)
    if not columns:
        return
    keys = _keys(contract, staged)
    wrong = ", ".join(
        f"case when r{at}.takes_row then {{'column_name': {text(column)}, "
        f"'value': staged.{name(column)}, 'reason': r{at}.reason, 'message': r{at}.message}} end"
        for at, column in enumerate(columns)
    )
    joined = " ".join(_joined(at, column) for at, column in enumerate(columns))
    connection.execute(
        f"""
        insert into faults
        with
        wrong_rows as (
            select
                staged.row_number,
                {", ".join(f"{sql} as {key}" for key, sql in keys.items())},
                list_filter([{wrong}], lambda fault: fault is not null) as wrong
            from {rows} as staged
            {joined}
            {_key_joins(contract, staged)}
            where
                ({" or ".join(f"r{at}.takes_row" for at, _ in enumerate(columns))})
                and staged.row_number not in (select row_number from faults)
        )
        select
            wrong_rows.row_number,
            wrong[1].column_name,
            wrong[1].value,
            wrong[1].reason,
            list_aggregate(list_transform(wrong, lambda fault: fault.message), 'string_agg', ' '),
            wrong_rows.brid,
            wrong_rows.application_id,
            wrong_rows.account_id,
            'row',
            null
        from wrong_rows
        """  # noqa: S608 - names come from the contract, literals are escaped
    )


def _record_bad_values(
    connection: Connection, rows: str, staged: Staged, contract: Contract
) -> None:
    for column in _columns_with(connection, "not takes_row", contract):
        fault = f"{text(column)}, staged.{name(column)}, r0.reason, r0.message"
        joined = _joined(0, column)
        _record_values(connection, rows, staged, contract, joined, fault, "not r0.takes_row")


def _record_values(
    connection: Connection,
    rows: str,
    staged: Staged,
    contract: Contract,
    joined: str,
    fault: str,
    condition: str = "true",
) -> None:
    """Add bad values of rows that count to `faults`: SQL for column, value, reason and message."""
    keys = ", ".join(_keys(contract, staged).values())
    connection.execute(
        f"""
        insert into faults
        select staged.row_number, {fault}, {keys}, 'value', null
        from {rows} as staged
        {joined}
        {_key_joins(contract, staged)}
        where
            {condition}
            and staged.row_number not in (
                select row_number from faults where quarantined_part = 'row'
            )
        """  # noqa: S608 - names come from the contract, literals are escaped
    )


def _columns_with(connection: Connection, condition: str, contract: Contract) -> list[str]:
    """List the columns with such readings in the order of the contract."""
    found = {
        str(column)
        for (column,) in connection.execute(
            f"select distinct column_name from readings where {condition}"  # noqa: S608
        ).fetchall()
    }
    return [column for column in contract.column_names if column in found]


def _notes(connection: Connection) -> tuple[str, ...]:
    """Describe the values that were read differently than written."""
    notes = []
    for flag, sentence in (
        ("is_cleaned", "Invisible characters or blanks around values were removed: {}"),
        ("is_nothing", "Words for nothing were read as empty: {}"),
        ("is_date_for_nothing", "Placeholder dates were read as no date: {}"),
    ):
        found = connection.execute(
            f"""
            select
                sum(n_rows),
                string_agg(distinct column_name, ', ' order by column_name),
                max_by({shown_sql("delivered")}, n_rows)
            from readings
            where {flag} and reason is distinct from 'header_repeated'
            """  # noqa: S608 - flags are our own
        ).fetchone()
        if found and found[0]:
            example = f", for example '{found[2]}'" if flag != "is_cleaned" else ""
            n_values = counted(found[0], "value")
            notes.append(f"{sentence.format(n_values)} ({found[1]}{example}).")
    return tuple(notes)


def _word(value: str) -> str:
    return value.lower().replace(" ", "").replace("_", "").replace("-", "")
