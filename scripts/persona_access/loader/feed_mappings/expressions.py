"""Turn each mapped column into an SQL expression over the delivered columns.

Rules for single values (words, dates, expressions) are applied once to each distinct value, in a
small table that is joined with the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from persona_access.base.contracts import normalise_name
from persona_access.base.errors import RefusalError
from persona_access.loader.feed_mappings.declaration import Column, FeedMapping
from persona_access.loader.feed_mappings.likeness import name_likeness, text_likeness
from persona_access.loader.session import name, text

# The column in which the reader of workbooks writes the sheet of each row.
SHEET = "(sheet)"
# From this similarity of names on, the message suggests a column for a person to check.
_LIKELY = 0.6
_REPEATED = re.compile(r" \(column \d+\)$")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class HeaderError(RefusalError):
    """The header of a delivery has another position or format than its mapping declares."""


@dataclass(frozen=True)
class Delivered:
    """The columns of a delivered table: the header of each in order, and the SQL that reads it."""

    headers: tuple[str, ...]
    identifiers: tuple[str, ...]
    file_name: str

    def find(self, header: str) -> str | None:
        """Return the SQL of a column by its header, compared by `normalise_name`."""
        key = normalise_name(header)
        for found, identifier in zip(self.headers, self.identifiers, strict=True):
            if normalise_name(found) == key:
                return identifier
        return None

    def header_of(self, sql: str) -> str | None:
        """Return the header of a column by its SQL; None where the SQL is anything else."""
        by_sql = dict(zip(self.identifiers, self.headers, strict=True))
        return by_sql.get(sql)


@dataclass(frozen=True)
class Mapped:
    """A column of the feed: the delivered text, and the result for each distinct value."""

    column: str
    origin: str
    value_of: Callable[[str], str] | None
    split: str | None = None
    # The delivered column, if the origin is exactly one column.
    header: str | None = None

    @property
    def is_as_delivered(self) -> bool:
        """Return whether the values are exactly those of one delivered column."""
        return self.header is not None and self.value_of is None and self.split is None


def mapped_columns(mapping: FeedMapping, delivered: Delivered) -> list[Mapped]:
    """Return how to read each contract column and attribute of a mapping from this file.

    Raises RefusalError if a column that the mapping names is missing.
    """
    _refuse_repeated(mapping, delivered.headers)
    found, missing = [], []
    for target, column in {**mapping.columns, **mapping.attributes}.items():
        origin = _origin(column, delivered)
        if origin is None:
            missing.append((target, column))
        else:
            value_of = _value_of(column, mapping)
            header = delivered.header_of(origin)
            found.append(Mapped(target, origin, value_of, column.split, header))
    if missing:
        spare = undecided_headers(mapping, delivered.headers)
        if len(missing) > 1 and not any(column.header for column in found):
            raise HeaderError(
                f"The file has none of the columns that feeds/{mapping.source}.yml reads: correct "
                "header_row or delimiter (`persona-access onboard --check` shows how).",
                details=(f"Found columns: {', '.join(delivered.headers)}",),
            )
        raise RefusalError(
            f"The file lacks what feeds/{mapping.source}.yml reads: "
            + "; ".join(
                f"{target} from {_named(column)}{_likeliest(target, column, mapping, spare)}"
                for target, column in missing
            )
            + ". If the source renamed it, correct the mapping (`persona-access onboard --check` "
            "shows how) and have it approved.",
            details=(f"Found columns: {', '.join(delivered.headers)}",),
        )
    return found


def _refuse_repeated(mapping: FeedMapping, headers: Sequence[str]) -> None:
    """Refuse a file that contains a mapped column twice, until the mapping decides about both."""
    undecided = undecided_headers(mapping, headers)
    for header in undecided:
        first = _REPEATED.sub("", header)
        if first != header and first in headers and first not in undecided:
            raise RefusalError(
                f"Column '{first}', which feeds/{mapping.source}.yml reads, is delivered again as "
                f"'{header}': list that below ignore, or read it instead."
            )


def _likeliest(target: str, column: Column, mapping: FeedMapping, spare: Sequence[str]) -> str:
    """Suggest the undecided delivered column that is most similar to a missing one."""
    scored = [
        (max(name_likeness(header, target, mapping.feed), _alike(header, column.from_)), header)
        for header in spare
    ]
    best = max(scored, default=(0.0, ""))
    if best[0] < _LIKELY and len(spare) == 1:
        return f" (perhaps '{spare[0]}', the only column that is new)"
    return f" (most likely '{best[1]}' now)" if best[0] >= _LIKELY else ""


def _alike(header: str, others: Sequence[str]) -> float:
    return max((text_likeness(header, other) for other in others), default=0.0)


def undecided_headers(mapping: FeedMapping, headers: Sequence[str]) -> list[str]:
    """Return the delivered columns that the mapping does not mention."""
    named = {
        normalise_name(header)
        for column in [*mapping.columns.values(), *mapping.attributes.values()]
        for header in [*column.from_, *_PLACEHOLDER.findall(column.template or "")]
    }
    patterns = [*mapping.ignore, *(mapping.unpivot.columns if mapping.unpivot else [])]
    return [
        header
        for header in headers
        if normalise_name(header) not in named
        and header != SHEET
        and not any(matches(pattern, header) for pattern in patterns)
    ]


def find_column(header: str, columns: Sequence[str]) -> str | None:
    """Return the delivered column of a header, compared by `normalise_name`."""
    key = normalise_name(header)
    return next((column for column in columns if normalise_name(column) == key), None)


def matches(pattern: str, header: str) -> bool:
    """Return whether a name matches a pattern with *, ignoring case."""
    expression = ".*".join(re.escape(part) for part in pattern.strip().split("*"))
    return re.fullmatch(expression, header.strip(), re.IGNORECASE) is not None


def _named(column: Column) -> str:
    return " or ".join(f"'{header}'" for header in column.from_) or f"'{column.template}'"


def _origin(column: Column, delivered: Delivered) -> str | None:
    if column.constant is not None:
        return text(column.constant)
    if column.sheet_name:
        return delivered.find(SHEET) or "null::varchar"
    if column.file_name is not None:
        match = re.search(column.file_name, delivered.file_name)
        return text(match[1]) if match else "null::varchar"
    if column.template is not None:
        return _filled(column.template, delivered)
    present = [found for header in column.from_ if (found := delivered.find(header))]
    return present[0] if present else None


def _filled(template: str, delivered: Delivered) -> str | None:
    """Return SQL that fills a template; blanks between empty parts are dropped."""
    pieces: list[str] = []
    position = 0
    for match in _PLACEHOLDER.finditer(template):
        identifier = delivered.find(match[1])
        if identifier is None:
            return None
        pieces += [text(template[position : match.start()]), f"coalesce({identifier}, '')"]
        position = match.end()
    pieces.append(text(template[position:]))
    return f"nullif(trim(regexp_replace({' || '.join(pieces)}, '\\s+', ' ', 'g')), '')"


def _value_of(column: Column, mapping: FeedMapping) -> Callable[[str], str] | None:
    """Return a function from SQL for a delivered value to SQL for the feed's value."""
    steps: list[Callable[[str], str]] = []
    words = [*mapping.nothing, *(column.nothing or [])]
    if words:
        listed = ", ".join(text(word.strip().casefold()) for word in words)
        steps.append(lambda sql: f"case when lower(trim({sql})) not in ({listed}) then {sql} end")
    for prefix in column.strip_prefix:
        steps.append(_without_prefix(prefix))
    for suffix in column.strip_suffix:
        steps.append(_without_suffix(suffix))
    if column.regex is not None:
        expression = text(column.regex)
        steps.append(lambda sql: f"nullif(regexp_extract({sql}, {expression}, 1), '')")
    if column.strip_zeros:
        steps.append(_without_zeros)
    if column.case is not None:
        function = column.case
        steps.append(lambda sql: f"{function}({sql})")
    if column.values:
        steps.append(translated(column.values, column.otherwise))
    if column.lookup is not None:
        steps.append(_looked_up(column.lookup))
    if column.dates:
        sentinels = column.sentinel_dates
        if sentinels is None:
            sentinels = mapping.sentinel_dates
        steps.append(_as_date(column.dates, [day.isoformat() for day in sentinels]))
    if not steps:
        return None

    def value_of(sql: str) -> str:
        for step in steps:
            sql = step(sql)
        return sql

    return value_of


def _without_prefix(prefix: str) -> Callable[[str], str]:
    return lambda sql: (
        f"case when starts_with(lower({sql}), {text(prefix.lower())}) "
        f"then substr({sql}, {len(prefix) + 1}) else {sql} end"
    )


def _without_suffix(suffix: str) -> Callable[[str], str]:
    return lambda sql: (
        f"case when ends_with(lower({sql}), {text(suffix.lower())}) "
        f"then left({sql}, length({sql}) - {len(suffix)}) else {sql} end"
    )


def _without_zeros(sql: str) -> str:
    return f"coalesce(nullif(ltrim({sql}, '0'), ''), case when {sql} <> '' then '0' end)"


def translated(
    values: Mapping[str, str | None], otherwise: str | None = None
) -> Callable[[str], str]:
    """Return a function from SQL for a word to SQL for its meaning.

    `otherwise` is the meaning of any other word.
    """
    cases = " ".join(
        f"when {text(word.strip().casefold())} then {'null' if meaning is None else text(meaning)}"
        for word, meaning in values.items()
    )
    # An undeclared word stays, so that the check of the contract's vocabulary names it.
    if otherwise is None:
        return lambda sql: f"case lower(trim({sql})) {cases} else {sql} end"
    # An empty value stays empty.
    other = text(otherwise)
    return lambda sql: (
        f"case lower(trim({sql})) {cases} else case when trim({sql}) <> '' then {other} end end"
    )


def _looked_up(kind: str) -> Callable[[str], str]:
    """Return SQL for the id of a name; an unknown name stays, because it can be an alias."""
    return lambda sql: (
        f"coalesce((select id from {lookup_table(kind)} where name = lower(trim({sql}))), {sql})"  # noqa: S608
    )


def lookup_table(kind: str) -> str:
    """Return the name of the table of ids by name in lower case."""
    return f"lookup_{kind}"


def _as_date(formats: Sequence[str], sentinels: Sequence[str]) -> Callable[[str], str]:
    listed = ", ".join(text(code) for code in formats)

    def value_of(sql: str) -> str:
        day = f"strftime(try_strptime(trim({sql}), [{listed}]), '%Y-%m-%d')"
        kept = f"coalesce({day}, {sql})"
        if not sentinels:
            return kept
        none = ", ".join(text(sentinel) for sentinel in sentinels)
        return f"case when coalesce({day}, '') not in ({none}) then {kept} end"

    return value_of


def select_mapped(relation: str, columns: Sequence[Mapped]) -> str:
    """Return a query of these columns over a relation of delivered rows.

    Values are mapped once for each distinct delivered text.
    """
    ctes, joins, selected = [], [], []
    for number, column in enumerate(columns):
        if column.value_of is None:
            selected.append(f"({column.origin}) as {name(column.column)}")
            continue
        alias = f"mapped_{number}"
        value = column.value_of("delivered")
        distinct = f"select distinct {column.origin} as delivered from {relation}"  # noqa: S608
        valued = f"select delivered, {value} as value from ({distinct})"  # noqa: S608
        ctes.append(f"{alias} as materialized ({valued})")
        joins.append(
            f"left join {alias} on {alias}.delivered is not distinct from ({column.origin})"
        )
        selected.append(f"{alias}.value as {name(column.column)}")
    head = f"with {', '.join(ctes)} " if ctes else ""
    return f"{head}select {', '.join(selected)} from {relation} {' '.join(joins)}"  # noqa: S608
