"""Propose the feed mapping of unknown files, with confidence and evidence for each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from persona_access.base.contracts import Contract
from persona_access.base.errors import RefusalError
from persona_access.loader.feed_mappings import likeness as like
from persona_access.loader.feed_mappings.likeness import SURE, Likeness, Sampled
from persona_access.loader.feed_mappings.sample import Sample, read_samples
from persona_access.loader.feed_mappings.shape import (
    Header,
    find_footer,
    find_header,
    name_pattern,
)
from persona_access.loader.onboarding.matrix import (
    find_matrix,
    marked_columns,
    missing_key,
)
from persona_access.loader.onboarding.second_look import look_again

_MOST_WORDS = 10
# Similarity of names from which another column is also a candidate.
_RIVAL = 0.15
# A feed's score must exceed the next feed's by the first number, and the second in total.
_MARGIN, _LIKELY = 0.1, 0.5
SHEET_NAME = {"sheet_name": "true"}
NOT_DELIVERED: dict[str, Any] = {}
# The effect on people if no delivered column fits a column of the contract.
_WITHOUT = {
    "employment_status": "everybody counts as employed until the termination date",
    "management_level": "rules with a level apply to nobody",
    "cost_center": "rules with a cost center apply to nobody",
}
_TRUE, _FALSE = {"true", "yes", "y", "t", "1"}, {"false", "no", "n", "f", "0"}


@dataclass(frozen=True)
class TableSample:
    """The part of a file that a proposal uses: tables with one header, and sampled columns."""

    file: Path
    samples: tuple[Sample, ...]
    header: Header
    columns: tuple[Sampled, ...]

    @property
    def rows(self) -> list[list[str]]:
        """The sampled rows below the header, of all sheets."""
        start = self.header.line + self.header.label_rows
        return [row for sample in self.samples for row in sample.rows[start:]]


@dataclass(frozen=True)
class Question:
    """A point that the file leaves open, and the place in the document for each possible answer.

    `options` maps the person's choice to the value; without options, the answer is the value.
    """

    text: str
    place: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Proposal:
    """A mapping as a document, the evidence for each column, and the open questions."""

    file: Path
    feed: str
    feed_confidence: float
    document: dict[str, Any]
    evidence: dict[str, Likeness] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    date_formats: set[str] = field(default_factory=set)
    # The reason for the number of max_age_days.
    max_age_reason: str = ""
    # Functions for a column that a person names, and for a proposal as another feed.
    read_as: Callable[[str, str], Any] = field(default=lambda _, header: header, repr=False)
    as_feed: Callable[[str], Proposal] | None = field(default=None, repr=False)


def read_table(file: Path) -> TableSample:
    """Find the table of a file.

    Raises RefusalError if nothing in it looks like a table.
    """
    found: list[tuple[Sample, Header]] = []
    for sample in read_samples(file):
        if sample.is_hidden:
            continue
        header = find_header(sample.rows, like.names_known)
        is_listed = sample.delimiter is not None or sample.sheet is not None
        if is_listed and (header is None or _is_data(sample.rows, header)):
            header = _nameless(sample)
        if header is not None and len(sample.rows) > header.line + header.label_rows:
            found.append((sample, header))
    if not found:
        raise RefusalError(
            f"Nothing in {file.name} looks like a table with a header: write its mapping by hand "
            "(docs/feed_mappings.md), for example with header_row or fixed_width."
        )
    # Choose the table with the most known names; sheets with the same header belong to it.
    _, header = max(found, key=lambda item: like.names_known(item[1].names))
    samples = tuple(sample for sample, other in found if other.names == header.names)
    start = header.line + header.label_rows
    rows = [row for sample in samples for row in sample.rows[start:]]
    columns = tuple(
        Sampled(name, [row[position] if position < len(row) else "" for row in rows])
        for position, name in enumerate(header.names)
    )
    return TableSample(file, samples, header, columns)


def _is_data(rows: Sequence[Sequence[str]], header: Header) -> bool:
    """Return whether an apparent header is a row of data: unknown names that repeat below."""
    if header.line > 1 or like.names_known(header.names):
        return False
    again = [
        any(row[at].strip() == name for row in rows[1:] if at < len(row))
        for at, name in enumerate(header.names)
        if name
    ]
    return sum(again) * 3 >= len(again)


def _nameless(sample: Sample) -> Header | None:
    """Return numbers as column names for a table without a header; None if it is not a table."""
    rows = sample.rows
    # In a sheet, every row has the width of the widest.
    n_filled = sum(sum(map(bool, row)) * 2 >= len(row) for row in rows)
    if sample.sheet is not None and n_filled < 0.9 * len(rows):
        return None
    widths = [len(row) for row in rows if row]
    width = max(set(widths), key=widths.count, default=0)
    if width < 2 or len(widths) < 2 or widths.count(width) < 0.9 * len(widths):
        return None
    return Header(0, 0, tuple(f"column {number}" for number in range(1, width + 1)))


def propose(
    table: TableSample, contracts: Mapping[str, Contract], known: Mapping[str, set[str]]
) -> Proposal:
    """Propose the mapping of one file; `known` are certain identifiers by kind."""
    rated = {feed: _assign(table, contract, known) for feed, contract in contracts.items()}
    scores = {feed: _score(contracts[feed], rated[feed], table, known) for feed in rated}
    feed = max(scores, key=lambda name: scores[name])
    others = sorted((score for name, score in scores.items() if name != feed), reverse=True)
    margin = scores[feed] - (others[0] if others else 0.0)
    proposal = Proposal(table.file, feed, min(round(scores[feed], 2), 1.0), {})
    # With only one feed, a person chose it.
    if len(contracts) > 1 and (margin < _MARGIN or scores[feed] < _LIKELY):
        proposal.questions.append(
            Question(
                f"Which feed is {table.file.name}? It looks like {feed}, but "
                + ("other feeds fit almost as well." if margin < _MARGIN else "few columns fit."),
                ("feed",),
                {name: name for name in sorted(scores, key=lambda name: -scores[name])},
            )
        )
    chosen = rated[feed]
    proposal.evidence = {found.target: found for found in chosen}
    proposal.date_formats = _decided_formats(chosen, table, contracts[feed])
    pattern, is_dated = name_pattern(table.file.name)
    files: dict[str, Any] = {"pattern": pattern}
    if not is_dated:
        if "%" not in pattern.replace("%%", ""):
            files["date"] = {"from": "flag"}
            proposal.questions.append(
                Question(
                    f"The name {table.file.name} has no date: where is the extract date? With "
                    "flag, each load gives it with --extract-date.",
                    ("files", "date", "from"),
                    {"flag": "flag"},
                )
            )
        else:
            other = pattern.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
            proposal.questions.append(
                Question(
                    f"In the name {table.file.name}, is the day or the month first?",
                    ("files", "pattern"),
                    {pattern: pattern, other: other},
                )
            )
    document: dict[str, Any] = {
        "source": _source_name(table.file),
        "feed": feed,
        "author": "",
        "approved_by": None,
        "approved_on": None,
        "files": files,
    }
    if shape := _shape(table):
        document["table"] = shape
    words = sorted({word for column in table.columns for word in column.words_for_nothing})
    if words:
        document["nothing"] = words
    columns = {
        found.target: _column(found, table, contracts[feed], known, proposal)
        for found in chosen
        if found.confidence >= SURE
    }
    used = {found.header for found in chosen if found.confidence >= SURE}
    _add_composed(columns, used, table, contracts[feed], proposal)
    document["columns"] = columns
    taken = set(columns)
    if matrix := find_matrix(table.columns, contracts[feed], columns, known):
        taken.add(matrix.unpivot["name_to"])
        if matrix.is_sure:
            document["unpivot"] = matrix.unpivot
            used.update(matrix.unpivot["columns"])
        else:
            yes = {"yes": matrix.unpivot}
            proposal.questions.append(Question(matrix.question, ("unpivot",), yes))
        proposal.evidence[matrix.unpivot["name_to"]] = matrix.evidence
    proposal.unused = [name for name in table.header.names if name and name not in used]
    _ask_for_the_unsure(proposal, contracts[feed], taken, table)
    proposal.document = document
    proposal.read_as = lambda target, header: _column(
        Likeness(header, target, 1.0, ()), table, contracts[feed], known, proposal
    )
    proposal.as_feed = lambda other: propose(table, {other: contracts[other]}, known)
    return proposal


def _add_composed(
    columns: dict[str, Any],
    used: set[str],
    table: TableSample,
    contract: Contract,
    proposal: Proposal,
) -> None:
    """Add values that no column contains: a name of two parts, the sheet as business unit."""
    first, last = _part_of_name(table, _FIRST), _part_of_name(table, _LAST)
    if "full_name" in contract.column_names and "full_name" not in columns and first and last:
        columns["full_name"] = {"template": f"{{{first}}} {{{last}}}"}
        used.update((first, last))
        proposal.evidence["full_name"] = Likeness(
            f"{first} + {last}", "full_name", 0.95, ("first and last name",)
        )
    is_unit = "business_unit" in contract.column_names and "business_unit" not in columns
    # Without a persona in the rows, the sheet can be the persona.
    if is_unit and len(table.samples) > 1 and "persona_id" in columns:
        columns["business_unit"] = {"sheet_name": "true"}
        proposal.evidence["business_unit"] = Likeness(
            "the sheet's name", "business_unit", 0.8, ("one sheet for each",)
        )


_FIRST = (
    frozenset({"first", "name"}), frozenset({"given", "name"}), frozenset({"vorna"}),
    frozenset({"vorname"}), frozenset({"prénom"}), frozenset({"firstname"}),
)  # fmt: skip
_LAST = (
    frozenset({"last", "name"}), frozenset({"family", "name"}), frozenset({"surname"}),
    frozenset({"nachn"}), frozenset({"nachname"}), frozenset({"nom"}),
    frozenset({"lastname"}),
)  # fmt: skip


def _part_of_name(table: TableSample, words: Sequence[frozenset[str]]) -> str | None:
    """Return the column of a first or last name, such as `Legal First Name`."""
    named = [
        (header, like.words_of(header.replace("VORNA", "vorna"))) for header in table.header.names
    ]
    return next(
        (
            header
            for header, found in named
            if any(part <= found and found - part <= {"legal", "employee"} for part in words)
        ),
        None,
    )


def answer(proposal: Proposal, question: Question, value: Any) -> Proposal:
    """Write the answer to a question into the document, and remove the question.

    Return the proposal; another feed gives a new proposal. A named column can lead to further
    questions about its words and dates.
    """
    if question.place == ("feed",) and value != proposal.feed and proposal.as_feed is not None:
        other = proposal.as_feed(value)
        other.document["files"] = proposal.document["files"]
        if "max_age_days" in proposal.document:
            other.document["max_age_days"] = proposal.document["max_age_days"]
            other.max_age_reason = proposal.max_age_reason
        return other
    if value is NOT_DELIVERED:
        proposal.questions.remove(question)
        return proposal
    is_column = question.place[0] == "columns" and len(question.place) == 2
    if is_column and isinstance(value, str):
        used, value = value, proposal.read_as(question.place[1], value)
        proposal.unused = [header for header in proposal.unused if header != used]
    part = proposal.document
    for step in question.place[:-1]:
        following = part.get(step)
        if not isinstance(following, dict):
            following = part[step] = {} if following is None else {"from": following}
        part = following
    part[question.place[-1]] = value
    proposal.questions.remove(question)
    return proposal


def known_values(proposal: Proposal, table: TableSample) -> dict[str, set[str]]:
    """Return the certain identifiers of a proposal, to recognise them in other files."""
    by_header = {column.header: column for column in table.columns}
    known: dict[str, set[str]] = {}
    for target, found in proposal.evidence.items():
        kind = like.kind_of(target)
        is_own = kind == "brid" and proposal.feed == "hr_headcount" and target == "brid"
        if found.confidence >= SURE and (is_own or kind in ("application_id", "persona_id")):
            unpivot = proposal.document.get("unpivot") or {}
            is_across = unpivot.get("name_to") == target
            values = unpivot["columns"] if is_across else by_header[found.header].values
            known.setdefault(kind, set()).update(like.normalise_key(value) for value in values)
    return known


def _assign(
    table: TableSample, contract: Contract, known: Mapping[str, set[str]]
) -> list[Likeness]:
    """Assign the most similar delivered column to each column of the contract, best match first."""
    candidates = sorted(
        (
            like.likeness(column, target, contract, known)
            for column in table.columns
            if column.header
            for target in contract.columns
        ),
        key=lambda found: (-found.confidence, found.target, found.header),
    )
    chosen: dict[str, Likeness] = {}
    taken: set[str] = set()
    for found in candidates:
        if found.confidence >= 0.4 and found.target not in chosen and found.header not in taken:
            chosen[found.target] = found
            taken.add(found.header)
    if "application_id" in contract.column_names and "application_id" not in chosen:
        _take_for_application(chosen)
    chosen = look_again(chosen, table.columns, contract)
    _doubt(chosen, candidates, table, contract)
    order = contract.column_names
    return sorted(chosen.values(), key=lambda found: order.index(found.target))


def _doubt(
    chosen: dict[str, Likeness],
    candidates: Sequence[Likeness],
    table: TableSample,
    contract: Contract,
) -> None:
    """Mark columns as uncertain if a second column fits, or a manager matches no employee."""
    values = {column.header: column.values for column in table.columns}
    taken = {found.header for found in chosen.values()}
    for target in contract.columns:
        found = chosen.get(target.name)
        is_deciding = target.is_required and not target.name.endswith("_name")
        if found is None or not is_deciding or like.is_own_name(found.header, target.name):
            continue
        rival = next(
            (
                other
                for other in candidates
                if other.target == target.name
                and other.header not in taken
                and other.confidence >= max(SURE, found.confidence - _RIVAL)
                and values[other.header] != values[found.header]
            ),
            None,
        )
        if rival is not None:
            chosen[target.name] = _unsure(found, f"or is it '{rival.header}'?")
    manager, person = chosen.get("manager_brid"), chosen.get("brid")
    if manager is None or person is None or not values[manager.header]:
        return
    shapes = {like.shape_of(value) for value in values[person.header]}
    share = sum(like.shape_of(value) in shapes for value in values[manager.header])
    if share < 0.5 * len(values[manager.header]):
        chosen["manager_brid"] = _unsure(manager, f"its values do not look like '{person.header}'")
    elif person.confidence < SURE <= manager.confidence:
        chosen["manager_brid"] = _unsure(manager, f"it depends on '{person.header}'")


def _unsure(found: Likeness, reason: str) -> Likeness:
    confidence = min(found.confidence, SURE - 0.01)
    return replace(found, confidence=confidence, reasons=(*found.reasons, reason))


def _take_for_application(chosen: dict[str, Likeness]) -> None:
    """Use the only column that names the application as its id; ask if it is a group."""
    for target, most in (("application_name", 1.0), ("entitlement", SURE - 0.05)):
        if found := chosen.pop(target, None):
            chosen["application_id"] = replace(
                found,
                target="application_id",
                confidence=min(found.confidence, most),
                reasons=(*found.reasons, "no other column names the application"),
            )
            return


def _score(
    contract: Contract,
    found: Sequence[Likeness],
    table: TableSample,
    known: Mapping[str, set[str]],
) -> float:
    by_target = {likeness.target: min(likeness.confidence, 1.0) for likeness in found}
    n_marked = len(marked_columns(table.columns))
    key = missing_key(contract, by_target)
    if key is not None and find_matrix(table.columns, contract, by_target, known):
        # Deliveries more often list who holds access than who has a persona.
        is_plain = known.get(key) or contract.feed != "persona_members"
        by_target[key] = 0.9 if is_plain else 0.5
    elif key == "persona_id" and len(table.samples) > 1:
        by_target[key] = 0.7
    keys = [column.name for column in contract.columns if column.is_value_required]
    required = [column.name for column in contract.columns if column.is_required]
    n_named = max(sum(bool(name) for name in table.header.names) - n_marked, 1)
    return (
        0.5 * sum(by_target.get(key, 0.0) for key in keys) / max(len(keys), 1)
        + 0.2 * sum(by_target.get(key, 0.0) for key in required) / max(len(required), 1)
        + 0.3 * sum(by_target.values()) / n_named
    )


def _shape(table: TableSample) -> dict[str, Any]:
    first, header = table.samples[0], table.header
    shape: dict[str, Any] = {}
    if first.sheet is not None:
        names = [sample.sheet for sample in table.samples]
        shape["sheets"] = names[0] if len(names) == 1 else names
    if header.line == 0:
        shape["names"] = list(header.names)
    if header.line > 1:
        shape["header_row"] = header.line
    if header.label_rows:
        shape["label_rows"] = header.label_rows
    if first.spans:
        # The mapping declares the header line; rows begin below it, and below a line of dashes.
        below = first.rows[header.line] if header.line < len(first.rows) else []
        is_ruled = any(below) and all(set(cell) <= set("-=") for cell in below)
        shape["header_row"] = header.line + 1 + is_ruled
        shape["fixed_width"] = {
            name: list(span) for name, span in zip(header.names, first.spans, strict=False) if name
        }
    if first.delimiter not in (None, ","):
        shape["delimiter"] = first.delimiter
    if first.encoding != "utf-8":
        shape["encoding"] = first.encoding
    if footer := find_footer(first.rows):
        shape["footer"] = footer
    return shape


def _column(
    found: Likeness,
    table: TableSample,
    contract: Contract,
    known: Mapping[str, set[str]],
    proposal: Proposal,
) -> Any:
    column = next(item for item in table.columns if item.header == found.header)
    target = next(item for item in contract.columns if item.name == found.target)
    details: dict[str, Any] = {}
    if target.parse_as == "date":
        details = _dates(column, found.target, proposal)
    elif target.accepted_values:
        details = _values(
            column, contract, found.target, target.accepted_values, proposal, table.header.names
        )
    elif target.parse_as == "boolean":
        meanings = {
            word: truth for word in dict.fromkeys(column.values) if (truth := like.truth(word))
        }
        is_plain = {word.casefold() for word in meanings} <= like.PLAIN_TRUTHS
        details = {} if is_plain else {"values": meanings}
    elif like.kind_of(found.target) == "brid":
        prefixes = {m[0] for v in column.values if (m := re.match(r"^[A-Za-z0-9._-]+\\", v))}
        if prefixes:
            details["strip_prefix"] = sorted(prefixes)
    elif found.target in ("application_id", "persona_id") and (
        separator := _separator(column, known.get(found.target) or set())
    ):
        details["split"] = separator
    return {"from": found.header, **details} if details else found.header


def _dates(column: Sampled, target: str, proposal: Proposal) -> dict[str, Any]:
    values = list(dict.fromkeys(column.values))
    codes: list[str] = []
    rest = values
    while rest:
        ranked = sorted(
            like.candidate_formats(rest), key=lambda item: (-item[1], item[0] != "%Y-%m-%d")
        )
        if not ranked or ranked[0][1] == 0:
            break
        best = [code for code, n in ranked if n == ranked[0][1]]
        if _is_day_or_month(best):
            # Dates of one file have one format, and the first of January is the same in both
            # orders.
            best = [code for code in best if code in proposal.date_formats] or best
            same = all(len({like.parse_date(value, code) for code in best}) == 1 for value in rest)
            best = best[:1] if same else best
        if _is_day_or_month(best):
            proposal.questions.append(
                Question(
                    f"{target} ('{column.header}'): which format does {rest[0]} have? The "
                    "values do not show it.",
                    ("columns", target, "dates"),
                    {code: [code] for code in best},
                )
            )
            return {}
        codes.append(best[0])
        rest = [value for value in rest if like.parse_date(value, best[0]) is None]
    sentinels = sorted(
        {
            day.isoformat()
            for value in values
            for code in codes
            if (day := like.parse_date(value, code)) in like.SENTINELS and day is not None
        }
    )
    details: dict[str, Any] = {} if codes in ([], ["%Y-%m-%d"]) else {"dates": codes}
    return details | ({"sentinel_dates": sentinels} if sentinels else {})


def _decided_formats(
    chosen: Sequence[Likeness], table: TableSample, contract: Contract
) -> set[str]:
    """Return the formats of date columns that have no ambiguous value."""
    dates = {column.name for column in contract.columns if column.parse_as == "date"}
    headers = {found.header for found in chosen if found.target in dates}
    decided: set[str] = set()
    for column in table.columns:
        if column.header in headers and column.values:
            ranked = like.candidate_formats(list(dict.fromkeys(column.values)))
            most = max(n for _, n in ranked)
            best = [code for code, n in ranked if n == most and n]
            if best and not _is_day_or_month(best):
                decided.update(best)
    return decided


def _is_day_or_month(codes: Sequence[str]) -> bool:
    orders = {
        code.index("%d") < code.index("%m") for code in codes if "%d" in code and "%m" in code
    }
    return len(orders) > 1 and not any(code.startswith("%Y") for code in codes)


def _values(
    column: Sampled,
    contract: Contract,
    target: str,
    accepted: Sequence[str],
    proposal: Proposal,
    table_headers: Sequence[str],
) -> dict[str, Any]:
    words = like.vocabulary(contract, target) | _of_booleans(column.header, target, accepted)
    taken = {word.casefold() for word in accepted}
    meanings: dict[str, str] = {}
    unknown = []
    for word in dict.fromkeys(column.values):
        if word.casefold() in taken:
            continue
        if word.casefold() in words:
            meanings[word] = words[word.casefold()]
        else:
            unknown.append(word)
    proposal.questions += [
        Question(
            f"{target} ('{column.header}'): what does {word!r} mean?",
            ("columns", target, "values", word),
            {meaning: meaning for meaning in accepted},
        )
        for word in unknown[:_MOST_WORDS]
    ]
    if len(unknown) > _MOST_WORDS:
        proposal.questions.append(
            Question(
                f"{target} ('{column.header}') has {len(unknown)} unknown words, so it may be "
                "another column: which one is it?",
                ("columns", target),
                {header: header for header in table_headers},
            )
        )
    return {"values": meanings} if meanings else {}


def _of_booleans(header: str, target: str, accepted: Sequence[str]) -> dict[str, str]:
    """Return the meaning of yes and no for a header such as Disabled or Enabled."""
    words = like.words_of(header)
    turned = next((word for word in accepted if word in words and word != "active"), None)
    if turned is not None:
        # "Not disabled" means active, but "not mandatory" can mean optional or not requested.
        none = dict.fromkeys(_FALSE, "active") if "active" in accepted else {}
        return dict.fromkeys(_TRUE, turned) | none
    if words & {"enabled", "active"}:
        # A person who is not active in HR can be on leave.
        none = dict.fromkeys(_FALSE, "disabled") if target == "account_status" else {}
        return dict.fromkeys(_TRUE, "active") | none
    return {}


def _separator(column: Sampled, known: set[str]) -> str | None:
    """Return the separator of several values in one cell, if its parts are known."""
    for sign in like.SEPARATORS:
        several = [value for value in column.values if sign in value]
        if len(several) * 10 < len(column.values) or not several:
            continue
        listed = [like.normalise_key(part) for value in several for part in value.split(sign)]
        parts = set(listed)
        # Without known ids, a part that repeats in other lists counts as an id.
        is_repeated = len(parts) * 2 <= len(listed)
        if len(parts & known) * 2 >= len(parts) if known else is_repeated:
            return sign
    return None


def _ask_for_the_unsure(
    proposal: Proposal, contract: Contract, taken: Collection[str], table: TableSample
) -> None:
    shown = {column.header: _with_values(column) for column in table.columns}
    unused = {
        shown.get(header, header): header
        for header in [*proposal.unused, *table.header.names]
        if header
    }
    for column in contract.columns:
        if column.name in taken:
            continue
        found = proposal.evidence.get(column.name)
        if found is not None and found.confidence < SURE:
            proposal.questions.append(
                Question(
                    f"{column.name}: is it '{found.header}'? ({found.confidence:.2f}; "
                    f"{'; '.join(found.reasons) or 'no evidence'})",
                    ("columns", column.name),
                    {shown.get(found.header, found.header): found.header, **unused},
                )
            )
        elif found is None and column.is_value_required:
            is_sheet = len(table.samples) > 1 and column.name != "brid"
            proposal.questions.append(
                Question(
                    f"{column.name}: no column fits, and {contract.feed} requires one. Which "
                    "one is it?",
                    ("columns", column.name),
                    ({"the sheet's name": SHEET_NAME} if is_sheet else {}) | unused,
                )
            )
        elif found is None and column.is_required and column.name in _WITHOUT:
            proposal.questions.append(
                Question(
                    f"{column.name}: no column fits. Which one is it? Without it, "
                    f"{_WITHOUT[column.name]}.",
                    ("columns", column.name),
                    {**unused, "none": NOT_DELIVERED},
                )
            )


def _with_values(column: Sampled) -> str:
    """Return the text of a column as an option; without a name, include its first values."""
    if not like.is_nameless(column.header):
        return column.header
    return f"{column.header}: {', '.join(list(dict.fromkeys(column.values))[:3]) or 'empty'}"


def _source_name(file: Path) -> str:
    stem = re.sub(r"(\.csv|\.gz|\.xlsx|\.ods|\.parquet|\.txt|\.zip)+$", "", file.name.lower())
    words = [word for word in re.split(r"[^a-z]+", stem) if len(word) > 1]
    months = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
    kept = [word for word in words if word[:3] not in months or len(word) > 9]
    return "_".join(kept or ["source"])
