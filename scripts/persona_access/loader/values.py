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
from persona_access.base.sql import statement
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
_TIME = rf"\d{{4}}-\d\d-\d\d([ T]{_HOUR}({_ZONE})?)?"
UNKNOWN = "value_unknown"
_KEYS = ("brid", "application_id", "account_id")


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
    connection.execute(statement(__package__, "readings"))
    rows = landed(file(staged.parquet))
    for column in contract.columns:
        if column.name in staged.columns:
            _read_column(connection, rows, staged, contract, column)
        elif column.is_value_required:  # pragma: no cover - the header check refuses it before
            raise RefusalError(f"Required column '{column.name}' is missing.")
    _refuse_names_of_a_directory(connection, rows, contract)
    _find_contradictions(connection, rows, staged, contract)
    found = "select column_name from readings union all select column_name from contradictions"
    if connection.execute(f"{found} limit 1").fetchone() is None:
        return ReadValues(is_changed=False, n_values_quarantined=0, notes=())
    _refuse_another_column(connection, rows, contract)
    _record_faults(connection, rows, staged, contract)
    return ReadValues(
        is_changed=True,
        n_values_quarantined=scalar(
            connection, "select count(*) from faults where quarantined_part = 'value'"
        ),
        notes=_notes(connection),
    )


def reading_query(connection: Connection, staged: Staged) -> str:
    """Return SQL for the rows without faults, each value as it was read."""
    changed = "select column_name from readings where not coalesce(takes_row, false)"
    found = f"{changed} union select column_name from contradictions order by 1"  # noqa: S608
    columns = [str(column) for (column,) in connection.execute(found).fetchall()]
    joins = " ".join(_joined(f"r{at}", column) for at, column in enumerate(columns))
    replaced = ", ".join(_as_read(f"r{at}", column) for at, column in enumerate(columns))
    replacing = f" replace ({replaced})" if replaced else ""
    rows = f"{landed(file(staged.parquet))} as staged {joins}"
    bad_rows = "select row_number from faults where quarantined_part = 'row'"
    return f"select staged.*{replacing} from {rows} where staged.row_number not in ({bad_rows})"  # noqa: S608


def _joined(alias: str, column: str) -> str:
    """Return SQL that joins the reading of a value to its row, if it is not loaded as it is."""
    readings = f"(select * from readings where column_name = {text(column)})"  # noqa: S608
    is_read = f"staged.{name(column)} is not distinct from {alias}.delivered"
    return f"left join {readings} as {alias} on {is_read}"


def _as_read(alias: str, column: str) -> str:
    value = f"if({alias}.column_name is null, staged.{name(column)}, {alias}.reading)"
    emptied = f"select row_number from contradictions where column_name = {text(column)}"  # noqa: S608
    return f"if(staged.row_number in ({emptied}), null, {value}) as {name(column)}"


def _find_contradictions(
    connection: Connection, rows: str, staged: Staged, contract: Contract
) -> None:
    """Find dates that are before a date that they must not precede."""
    for column in contract.columns:
        start = column.not_before
        if start is None or not {column.name, start} <= set(staged.columns):
            continue
        parts = {"rows": rows, "ends": name(column.name), "starts": name(start)}
        values = {"column_name": column.name, "start_name": start}
        connection.execute(statement(__package__, "contradictions", **parts), values)


def _read_column(
    connection: Connection, rows: str, staged: Staged, contract: Contract, column: Column
) -> None:
    value = name(column.name)
    checks = list(_checks(column, contract, with_control_signs=staged.may_hold_control_characters))

    def may_be_unclean(value: str) -> str:
        return may_be_unclean_sql(
            value,
            with_control_signs=staged.may_hold_control_characters,
            with_breaks=staged.may_hold_breaks,
        )

    nothing, unknown = contract.words_of(column)
    every = (*nothing, *unknown)
    # Free text can have a different value in each of five million rows.
    condition = "true"
    if all(check.reason in ("spreadsheet_error", UNKNOWN) for check in checks):
        condition = f"{may_be_unclean(value)} or {value} like '#%'"
        if every:
            longest = max(len(word.encode()) for word in every)
            words = ", ".join(map(text, every))
            condition += f" or (strlen({value}) <= {longest} and lower({value}) in ({words}))"
    distinct = statement(
        __package__, "distinct_values", value=value, rows=rows, condition=condition
    )
    # Most free text is loaded unchanged, and planning the rest takes 8 ms.
    if connection.execute(distinct).fetchall() == [(0,)]:
        return
    wrong = " ".join(_when_wrong(check) for check in checks)
    kind = "struct(reason varchar, message varchar, takes_row boolean)"
    is_date = column.parse_as == "date"
    has_zone = f"regexp_full_match(value[11:], {text('.*[^ ]' + _ZONE)})"
    dates = contract.dates_for_nothing if column.is_date_for_nothing else ()
    parts = {
        "column_name": text(column.name),
        "nothing": ", ".join(map(text, nothing)) or "null",
        "dates_for_nothing": ", ".join(map(text, dates)) or "null",
        "may_be_unclean": may_be_unclean("delivered"),
        "cleaned": clean_sql("delivered"),
        "day_of_value": f"day_of(value, {text(contract.time_zone)}, {text(_HOUR)}, {text(_ZONE)})"
        if is_date
        else "null::varchar",
        "fault_of_value": f"case {wrong} end" if wrong else f"null::{kind}",
        "reading_of_value": f"if({has_zone}, day, value)" if is_date else "value",
    }
    with planned_plainly(connection):
        connection.execute(statement(__package__, "read_values", **parts))


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


def _when_wrong(check: _Check) -> str:
    emptied = "" if check.takes_row else " The value is left out; the row counts."
    reason, message = text(check.reason), text(check.complaint + emptied)
    fault = f"'reason': {reason}, 'message': {message}, 'takes_row': {check.takes_row}"
    return f"when {check.is_wrong} then {{{fault}}}"


def _refuse_another_column(connection: Connection, rows: str, contract: Contract) -> None:
    """Refuse a file if most values of a column are bad, even if the column decides nothing."""
    values = {"n_most": contract.max_quarantined_rows, "unknown": UNKNOWN}
    found = connection.execute(statement(__package__, "bad_columns"), values).fetchall()
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
        parts = {
            "rows": rows,
            "holder": name(column.name),
            "is_brid": is_brid_sql("holder"),
            "is_unreadable": " or ".join(bad for bad, _ in shape_complaint("holder", "holder")),
        }
        query = statement(__package__, "directory_names", **parts)
        ((n_rows, n_names),) = connection.execute(query).fetchall()
        if n_names > contract.max_quarantined_rows and n_names * 2 > n_rows:
            raise RefusalError(
                f"{n_names:,} of {n_rows:,} values of {column.name} are names of a directory, such "
                "as DOMAIN\\name or a mail address, so none of their holders would be found in HR: "
                "export the employee's identifier."
            )


def _record_faults(connection: Connection, rows: str, staged: Staged, contract: Contract) -> None:
    """Add the bad rows and values to `faults`, with the keys of their rows as they were read."""
    known = [key for key in _KEYS if key in contract.column_names and key in staged.columns]
    joins = " ".join(_joined(f"k_{key}", key) for key in known)
    keys = ", ".join(
        f"if(k_{key}.column_name is null, staged.{key}, k_{key}.reading) as key_of_{key}"
        if key in known
        else f"null::varchar as key_of_{key}"
        for key in _KEYS
    )
    query = f"select {keys}, staged.* from {rows} as staged {joins}"  # noqa: S608
    connection.execute(f"create or replace temp view rows_with_keys as {query}")
    for source, query in (
        ("readings where reason is not null", "bad_values"),
        ("contradictions", "contradicting_values"),
    ):
        found = connection.execute(f"select distinct column_name from {source}").fetchall()  # noqa: S608
        for place, column in enumerate(contract.column_names):
            if (column,) in found:
                values = {"place": place, "column_name": column}
                connection.execute(statement(__package__, query, value=name(column)), values)
    connection.execute(statement(__package__, "faults_of_values"))


def _notes(connection: Connection) -> tuple[str, ...]:
    """Describe the values that were read differently than written."""
    notes = []
    for flag, sentence in (
        ("is_cleaned", "Invisible characters or blanks around values were removed: {}"),
        ("is_nothing", "Words for nothing were read as empty: {}"),
        ("is_date_for_nothing", "Placeholder dates were read as no date: {}"),
    ):
        query = statement(__package__, "values_read_otherwise", flag=flag)
        found = connection.execute(query).fetchone()
        if found and found[0]:
            example = f", for example '{found[2]}'" if flag != "is_cleaned" else ""
            n_values = counted(found[0], "value")
            notes.append(f"{sentence.format(n_values)} ({found[1]}{example}).")
    return tuple(notes)


def _word(value: str) -> str:
    return value.lower().replace(" ", "").replace("_", "").replace("-", "")
