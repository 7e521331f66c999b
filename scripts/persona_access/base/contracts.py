"""Contracts of the feeds, read from the dbt sources YAML: columns, types, limits."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from persona_access.base.cleaning import clean_text
from persona_access.base.errors import SettingsError

ParseAs = Literal["date", "time", "boolean", "brid", "holder", "application"]
OnBadValue = Literal["row", "value"]
Encryption = Literal["none", "age"]

# Words that mean "no value" in a feed that declares no others; case does not matter.
WORDS_FOR_NOTHING = (
    "NULL", "(null)", "<null>", "[NULL]", "\\N", "N/A", "#N/A", "#NV", "#N/D", "#N/B",
    "#\u041d/\u0414", "<NA>", "NA", "n.a.", "n/a.", "nan", "NaT", "None", "<none>", "(none)", "nil",
    "(blank)", "(empty)", "-", "--", "---",
)  # fmt: skip
# Words that people type where they do not know a value, and words for "no value" that can also be
# a value, such as the cost center NA of North America.
WORDS_FOR_UNKNOWN = (
    "NA", "?", "??", "???", "TBD", "T.B.D.", "TBC", "TBA", "to be defined", "to be determined",
    "to be confirmed", "unknown", "undefined", "not known", "not available", "not applicable",
    "not assigned", "unassigned", ".", "..", "...", "n/d", "n.d.", "s/o", "k.A.", "k. A.", "n.v.t.",
    # The same in other languages of Europe and Asia.
    "unbekannt", "nicht bekannt", "keine Angabe", "nicht zugeordnet", "inconnu", "inconnue",
    "non renseign\u00e9", "desconocido", "desconocida", "sin datos", "sin asignar", "sconosciuto",
    "non assegnato", "desconhecido", "onbekend", "niet bekend", "ukendt", "ukjent", "ok\u00e4nd",
    "tuntematon", "nieznany", "brak", "brak danych", "nezn\u00e1m\u00fd", "ismeretlen",
    "bilinmiyor", "\u043d/\u0434", "\u043d\u0435\u0442 \u0434\u0430\u043d\u043d\u044b\u0445",
    "\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e", "\u672a\u77e5",
    "\u4e0d\u660e", "\u672a\u5b9a", "\u65e0", "\u7121", "\u306a\u3057", "\uc5c6\uc74c",
)  # fmt: skip
# Dates that mean "no date" in source systems: the zero of Windows, Excel, Unix and databases, the
# last day of a calendar or of a type, and what people type for "never".
DATES_FOR_NOTHING = (
    "0001-01-01",
    "1600-12-31",
    "1601-01-01",
    "1753-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1969-12-31",
    "1970-01-01",
    "2079-06-06",
    "2099-12-31",
    "2100-01-01",
    "2100-12-31",
    "2199-12-31",
    "2262-04-11",
    "2999-12-31",
    "3000-01-01",
    "4712-12-31",
    "8888-12-31",
    "9999-01-01",
    "9999-12-31",
)
# The column of the raw layer that keeps attributes: a JSON object of names and values.
ATTRIBUTES = "attributes"
ATTRIBUTE_NAME = re.compile("[a-z][a-z0-9_]*")
PLAUSIBLE_DATES = ("1930-01-01", "2199-12-31")
# Every source is assumed to deliver at least once a year, with a month of tolerance.
LONGEST_AGE_DAYS = 400
# The meanings that the models know; each accepted word of these columns must have one of them.
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "account_status": ("active", "inactive"),
    "employment_status": ("active", "on_leave", "terminated", "future"),
    "requirement": ("mandatory", "optional", "prohibited"),
}


@dataclass(frozen=True)
class Column:
    """One column of a feed, and what the loader checks in it.

    A bad value quarantines its row, or removes only the value (`on_bad_value`). With
    `is_date_for_nothing`, the feed's placeholder dates mean that there is no date; any other date
    must lie within `plausible_dates`. `meanings` maps each accepted word to its meaning.
    """

    name: str
    is_required: bool
    is_value_required: bool
    parse_as: ParseAs | None
    accepted_values: tuple[str, ...]
    on_bad_value: OnBadValue = "row"
    is_date_for_nothing: bool = False
    plausible_dates: tuple[str, str] = PLAUSIBLE_DATES
    meanings: Mapping[str, str] = field(default_factory=dict)
    # A date that is more than this many days after the extract has a mistyped year.
    max_days_ahead: int | None = None
    # A date before the date in this column contradicts it, so it is removed from the row.
    not_before: str | None = None
    # A column beyond the contract, kept with its name in the column `attributes`.
    is_attribute: bool = False
    # Many rows share a value, such as a region; a warning names a value that no row has any more.
    is_group: bool = False
    # Words that mean "no value" or "unknown" elsewhere, but are values in this column.
    real_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The contract of one feed: its columns in order, its delivery, and its limit of bad rows.

    `name_pattern` is the file name without its ending, with %Y, %m and %d for the extract date. A
    file that changes within `settle_seconds` is still being written (None: the value of the
    settings). A source with a feed mapping has its own name, and a `file_pattern` that matches
    whole file names. If file names contain only a month, `day_of_month` gives the day; if the date
    is inside the file, `is_dated_within` is true. `words_for_nothing` and `dates_for_nothing` are
    read as an empty cell. `words_for_unknown` are bad values in keys and required columns, and an
    empty cell in other text columns; in dates and booleans they are an empty cell if both lists
    contain them. A timestamp becomes its date in `time_zone`. `attributes` are further columns,
    kept by name in the column `attributes` of a feed that `has_attributes`.
    """

    feed: str
    columns: tuple[Column, ...]
    is_optional: bool
    is_manifest_required: bool
    max_quarantined_rows: int
    max_quarantined_share: float
    name_pattern: str
    settle_seconds: float | None = None
    encryption: Encryption = "none"
    time_zone: str = "UTC"
    words_for_nothing: tuple[str, ...] = WORDS_FOR_NOTHING
    words_for_unknown: tuple[str, ...] = WORDS_FOR_UNKNOWN
    dates_for_nothing: tuple[str, ...] = DATES_FOR_NOTHING
    source: str = ""
    file_pattern: str | None = None
    day_of_month: str | None = None
    # How many days a week may use an extract; None: the var feed_max_age_days.
    max_age_days: int | None = None
    # How much smaller or larger than the previous file it may be; None: the values of the vars.
    max_shrink_share: float | None = None
    max_growth_share: float | None = None
    # Every file adds to earlier files. In other feeds, a file replaces earlier files.
    accumulates: bool = False
    # Each row has a code which proves that it comes from a list of this project.
    has_codes: bool = False
    # What our own lists show beside the columns of the contract.
    shown_columns: tuple[str, ...] = ()
    is_dated_within: bool = False
    has_attributes: bool = False
    attributes: tuple[str, ...] = ()

    def on(self, extract_date: dt.date) -> Contract:
        """Return the contract for an extract; dates too far after the extract are not plausible."""
        columns = []
        for column in self.columns:
            if column.max_days_ahead is not None:
                first, last = column.plausible_dates
                furthest = extract_date + dt.timedelta(days=column.max_days_ahead)
                column = replace(column, plausible_dates=(first, min(last, str(furthest))))
            columns.append(column)
        return replace(self, columns=tuple(columns))

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in the order of the contract."""
        return tuple(column.name for column in self.columns)

    def words_of(self, column: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return a column's words, in lower case, for "no value" and for "unknown".

        In keys and required columns, a word that can also be a value counts as "unknown".
        """
        nothing, unknown = (
            tuple(word.lower() for word in without_words(words, column.real_values))
            for words in (self.words_for_nothing, self.words_for_unknown)
        )
        if column.parse_as in ("date", "time", "boolean"):
            return nothing, ()
        if column.accepted_values:
            return without_words(nothing, unknown), ()
        if column.parse_as is not None or column.is_required:
            return without_words(nothing, unknown), unknown
        return (*nothing, *without_words(unknown, nothing)), ()

    def tolerates(self, *, n_bad: int, n_read: int) -> bool:
        """Return whether a delivery with this many bad rows still loads without them."""
        if n_bad * 2 > n_read:
            return False
        return n_bad <= self.max_quarantined_rows or n_bad <= self.max_quarantined_share * n_read


def normalise_name(name: str) -> str:
    """Normalise a column name for comparison: no case, blanks, underscores or invisible letters."""
    return re.sub(r"[\s_]+", "", clean_text(name) or "").casefold()


def read_contracts(models: Path) -> dict[str, Contract]:
    """Read the contract of every feed below the models folder, by feed name in alphabetical order.

    Raises SettingsError when a declaration is missing or cannot be read.
    """
    contracts: dict[str, Contract] = {}
    for file in sorted(models.glob("staging/*/_*__sources.yml")):
        for table in _tables(file):
            meta = (table.get("config") or {}).get("meta") or {}
            if "feed" in meta:
                contract = _contract(table, meta["feed"], file)
                contracts[contract.feed] = contract
                _check_name_pattern(contract, contracts, file)
    if not contracts:
        raise SettingsError(
            f"No feed is declared in {models}/staging/*/_*__sources.yml: "
            "give a source table config.meta.feed."
        )
    return dict(sorted(contracts.items()))


def read_raw_tables(models: Path) -> dict[str, dict[str, str]]:
    """Read the columns and types of the tables that the loader writes: feeds and its own records.

    Tables without declared column types are omitted: the loader does not write them.
    """
    return {
        str(table["name"]): types
        for file in sorted(models.glob("staging/*/_*__sources.yml"))
        for table in _tables(file)
        if (
            types := {
                str(column["name"]): str(column["data_type"])
                for column in table["columns"]
                if "data_type" in column
            }
        )
    }


def _tables(file: Path) -> Iterator[dict[str, Any]]:
    try:
        document = _document(file.read_text("utf-8"))
        for source in document.get("sources") or []:
            yield from source.get("tables") or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        raise SettingsError(f"The feed contracts in {file} cannot be read: {error}") from error


@cache
def _document(text: str) -> dict[str, Any]:
    """Parse YAML; a load asks for the contracts four times, and parsing takes a fifth of it."""
    # The C parser: the Python parser takes longer than loading a week.
    return yaml.load(text, Loader=yaml.CSafeLoader) or {}


def _check_name_pattern(contract: Contract, contracts: dict[str, Contract], file: Path) -> None:
    """Refuse a file name pattern that does not give exactly one date and one feed."""
    pattern = contract.name_pattern
    if sorted(re.findall("%.?", pattern)) != ["%Y", "%d", "%m"] or "/" in pattern:
        raise SettingsError(
            f"The name_pattern '{pattern}' of {contract.feed} in {file} must have %Y, %m and %d "
            "once each and no folder, for example 'headcount_%Y%m%d'."
        )
    if [other.name_pattern for other in contracts.values()].count(pattern) > 1:
        raise SettingsError(
            f"The name_pattern '{pattern}' of {contract.feed} in {file} also belongs to "
            "another feed: give each feed its own name."
        )


@cache
def _time_zones() -> set[str]:
    """Return all time zone names; this reads six hundred files."""
    return zoneinfo.available_timezones()


def _contract(table: dict[str, Any], feed: dict[str, Any], file: Path) -> Contract:
    try:
        encryption = feed.get("encryption", "none")
        if encryption not in ("none", "age"):
            raise ValueError(f"encryption is {encryption!r}, not none or age")
        settle = feed.get("settle_seconds")
        time_zone = str(feed.get("time_zone", "UTC"))
        if time_zone not in _time_zones():
            raise ValueError(f"time_zone is {time_zone!r}; write for example Europe/London")
        return Contract(
            feed=str(table["name"]),
            source=str(table["name"]),
            columns=tuple(
                column for declared in table["columns"] if (column := _column(declared)) is not None
            ),
            is_optional=bool(feed["is_optional"]),
            is_manifest_required=bool(feed["is_manifest_required"]),
            name_pattern=str(feed.get("name_pattern", f"{table['name']}_%Y-%m-%d")),
            settle_seconds=None if settle is None else float(settle),
            encryption=encryption,
            time_zone=time_zone,
            words_for_nothing=_texts(feed, "words_for_nothing", WORDS_FOR_NOTHING),
            words_for_unknown=_words_for_unknown(feed),
            dates_for_nothing=_dates(feed, "dates_for_nothing", DATES_FOR_NOTHING),
            max_quarantined_rows=int(feed["max_quarantined_rows"]),
            max_quarantined_share=float(feed["max_quarantined_share"]),
            max_age_days=_max_age_days(feed),
            accumulates=bool(feed.get("accumulates", False)),
            has_codes=bool(feed.get("has_codes", False)),
            shown_columns=_texts(feed, "shown_columns", ()),
            has_attributes=any(column["name"] == ATTRIBUTES for column in table["columns"]),
            attributes=_attributes(table, feed),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"The contract of {table.get('name')} in {file} cannot be used: {_in_words(error)}."
        ) from error


def _max_age_days(feed: dict[str, Any]) -> int | None:
    """Read for how many days weeks use an extract of this feed, if it declares its own number."""
    days = feed.get("max_age_days")
    if days is not None and (type(days) is not int or not 1 <= days <= LONGEST_AGE_DAYS):
        raise ValueError(f"max_age_days is {days!r}; write whole days from 1 to {LONGEST_AGE_DAYS}")
    return days


def _words_for_unknown(feed: dict[str, Any]) -> tuple[str, ...]:
    """Read the words for "unknown"; a word that is declared as "no value" is not one of them."""
    return without_words(
        _texts(feed, "words_for_unknown", WORDS_FOR_UNKNOWN), _texts(feed, "words_for_nothing", ())
    )


def without_words(words: tuple[str, ...], others: Iterable[str]) -> tuple[str, ...]:
    """Return the words that are not among the others, ignoring case."""
    taken = {word.casefold() for word in others}
    return tuple(word for word in words if word.casefold() not in taken)


def _attributes(table: dict[str, Any], feed: dict[str, Any]) -> tuple[str, ...]:
    """Read the names of the columns to keep in addition to those of the contract."""
    names = _texts(feed, "attributes", ())
    taken = {str(column["name"]) for column in table["columns"]}
    for name in names:
        if not ATTRIBUTE_NAME.fullmatch(name):
            raise ValueError(f"attributes has {name!r}; write lower-case letters, digits and _")
        if name in taken:
            raise ValueError(f"attributes has {name!r}, which is a column of the feed")
    if names and ATTRIBUTES not in taken:
        raise ValueError(f"attributes names {names[0]!r}, but the feed keeps no attributes")
    return names


def _in_words(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _column(declared: dict[str, Any]) -> Column | None:
    meta = (declared.get("config") or {}).get("meta") or {}
    if meta.get("is_added_by_loader", False):
        return None
    name = str(declared["name"])
    parse_as = meta.get("parse_as")
    if parse_as not in (None, *get_args(ParseAs)):
        raise ValueError(
            f"parse_as of {name} is {parse_as!r}, not one of {', '.join(get_args(ParseAs))}"
        )
    on_bad_value = meta.get("on_bad_value", "row")
    if on_bad_value not in get_args(OnBadValue):
        raise ValueError(f"on_bad_value of {name} is {on_bad_value!r}, not row or value")
    plausible = _dates(meta, "plausible_dates", PLAUSIBLE_DATES)
    if len(plausible) != 2 or plausible[0] > plausible[1]:
        raise ValueError(f"plausible_dates of {name} are not a first and a last date")
    accepted = _texts(meta, "accepted_values", ())
    return Column(
        name=name,
        is_required=bool(meta.get("is_required", False)),
        is_value_required=bool(meta.get("is_value_required", False)),
        parse_as=parse_as,
        accepted_values=accepted,
        on_bad_value=on_bad_value,
        is_date_for_nothing=bool(meta.get("is_date_for_nothing", False)),
        is_group=bool(meta.get("is_group", False)),
        plausible_dates=(plausible[0], plausible[1]),
        max_days_ahead=_days(meta, "max_days_ahead", name),
        meanings=_meanings(name, accepted, meta.get("meanings", {})),
        not_before=meta.get("not_before"),
        real_values=_texts(meta, "real_values", ()),
    )


def _days(meta: dict[str, Any], setting: str, column: str) -> int | None:
    days = meta.get(setting)
    if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 0):
        raise ValueError(f"{setting} of {column} is {days!r}, not a whole number of days")
    return days


def _meanings(name: str, accepted: tuple[str, ...], declared: dict[str, Any]) -> dict[str, str]:
    """Map each accepted word to its meaning; a word without a meaning is an error."""
    known = MEANINGS.get(name)
    if known is None:
        return {}
    if unknown := [meaning for meaning in declared if meaning not in known]:
        raise ValueError(
            f"meanings of {name} names {unknown[0]!r}, but a model knows only {', '.join(known)}"
        )
    found = {str(word): meaning for meaning, words in declared.items() for word in words}
    if missing := [word for word in accepted if word not in found]:
        raise ValueError(
            f"{missing[0]!r} of accepted_values of {name} has no meaning: list it below "
            f"meanings as {' or '.join(known)}"
        )
    return found


def _texts(declared: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = declared.get(key, default)
    if not isinstance(found, list | tuple):
        raise ValueError(f"{key} is {found!r}, not a list")
    return tuple(str(value) for value in found)


def _dates(declared: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    # YAML turns a date into a date object, but keeps a quoted date, such as one of year 1, as
    # text.
    return tuple(
        dt.date.fromisoformat(value).isoformat() for value in _texts(declared, key, default)
    )
