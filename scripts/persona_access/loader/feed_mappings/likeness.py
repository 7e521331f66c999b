"""Rate how likely a delivered column is a column of a feed: by name, values and known values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from persona_access.base.contracts import Column, Contract

SURE = 0.75
_DATES_TRIED = 50
_MOST_CODES = 10
_ASKED = 0.6
# With fewer rows, values without repeats prove nothing.
_ENOUGH = 20
# Values that do not identify a person: with blanks, mail addresses, directory or database keys.
_NO_PERSON = re.compile(r"\w[ ,]+\w|@|=|^[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9a-f]{32}$|^S-1-", re.I)
# Values that identify nothing: amounts of money, and marks.
_MEASURE = re.compile(r"^[$€£]|^\d[\d,]*\.\d\d$|^(true|false|yes|no)$", re.I)
_TEXTS = ("department", "job_title", "location")
# Separators of several values in one cell.
SEPARATORS = (";", "|", "\n", ",")
_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d",
    "%d-%b-%Y", "%b-%d-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%y",
    "%m/%d/%y", "%d/%m/%y", "%d.%m.%y",
    "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S.%f", "%m/%d/%y %I:%M %p", "%m/%d/%Y %I:%M %p", "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M", "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%y.%j",
)  # fmt: skip
_NOTHING = {"", "null", "n/a", "#n/a", "nan", "none", "-", "--", "na", "nil", "(null)", "never"}
SENTINELS = {
    dt.date(1600, 12, 31), dt.date(1601, 1, 1), dt.date(1899, 12, 31), dt.date(1900, 1, 1),
    dt.date(1970, 1, 1), dt.date(1, 1, 1), dt.date(2099, 12, 31), dt.date(2999, 12, 31),
    dt.date(9999, 12, 31),
}  # fmt: skip


@dataclass(frozen=True)
class Likeness:
    """A delivered column as a candidate for a column of a feed; confidence from 0 to 1."""

    header: str
    target: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass
class Sampled:
    """A delivered column: its header and all texts of the sample."""

    header: str
    cells: Sequence[str]
    _values: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kept = [c.strip() for c in self.cells if c.strip().casefold() not in _NOTHING]
        self._values = kept

    @property
    def values(self) -> list[str]:
        """The cells with a value."""
        return self._values

    @property
    def words_for_nothing(self) -> list[str]:
        """The words of the sample that mean no value, as written."""
        return sorted({c.strip() for c in self.cells} - set(self._values) - {""})

    @cached_property
    def share_dates(self) -> float:
        """The share of values that a date format can read, among the first distinct ones."""
        values = list(dict.fromkeys(self._values))[:_DATES_TRIED]
        return sum(bool(_any_date(value)) for value in values) / len(values) if values else 0.0

    @property
    def share_unique(self) -> float:
        """The number of distinct values divided by the number of values."""
        return len(set(self._values)) / len(self._values) if self._values else 0.0


def likeness(
    column: Sampled, target: Column, contract: Contract, known: Mapping[str, set[str]]
) -> Likeness:
    """Rate one delivered column for one column of a contract.

    `known` contains values that are already certain, by kind: brid, application_id, persona_id ...
    """
    confidence, reasons = _by_name(column.header, target.name, contract.feed)
    fit, reason = _by_values(column, target, contract)
    if not confidence and (
        _says_states(column, target, contract) or _shows_without_name(column, target, contract)
    ):
        # Its values fit although its name does not: ask a person.
        confidence, fit = _ASKED, 1.0
    if reason:
        reasons.append(reason)
    confidence *= fit
    confidence, reason = _by_known(column, target.name, confidence, fit, known)
    if reason:
        reasons.append(reason)
    return Likeness(column.header, target.name, round(confidence, 2), tuple(reasons))


def _says_states(column: Sampled, target: Column, contract: Contract) -> bool:
    """Return whether a column contains several words of a vocabulary, besides yes and no."""
    if not target.accepted_values:
        return False
    words = {*target.accepted_values, *vocabulary(contract, target.name)}
    words = {word for word in words if len(word) > 1} - {"true", "false"}
    held = {value.casefold() for value in column.values}
    n_said = sum(value.casefold() in words for value in column.values)
    return len(held & words) > 1 and n_said > 0.6 * len(column.values)


def is_nameless(header: str) -> bool:
    """Return whether a column has only a number, because its file has no header."""
    return re.fullmatch(r"column \d+", header) is not None


def _shows_without_name(column: Sampled, target: Column, contract: Contract) -> bool:
    """Return whether the values of a column without a name fit only one column of the contract."""
    if not is_nameless(column.header) or len(column.values) < _ENOUGH:
        return False
    if target.name == "work_email":
        return sum("@" in value for value in column.values) > 0.8 * len(column.values)
    if target.name == "full_name":
        pattern = re.compile(r"^[^\W\d]+[ ,'-]+[^\W\d]+")
        named = sum(pattern.match(value) is not None for value in column.values)
        return named > 0.8 * len(column.values) and column.share_unique > 0.5
    if target.name == "brid" and contract.feed == "hr_headcount":
        return column.share_dates < 0.5 and _by_values(column, target, contract)[0] > 1
    return False


def _by_known(
    column: Sampled, target: str, confidence: float, fit: float, known: Mapping[str, set[str]]
) -> tuple[float, str]:
    """Adjust a confidence by values that are already certain, the strongest evidence."""
    kind = kind_of(target)
    held = {normalise_key(value) for value in column.values}
    if not held:
        return confidence, ""
    if not kind:
        is_person = len(held & known.get("brid", set())) >= 0.9 * len(held)
        # The name of an account differs from the BRID of its person.
        if target == "account_id" and is_person:
            return 0.6 * confidence, "its values are known BRIDs"
        return confidence, ""
    ids = known.get(kind) or set()
    if not ids:
        return confidence, ""
    share = max(_share_known(column.values, sign, ids) for sign in (None, *SEPARATORS))
    if share >= 0.5 and fit >= 1:
        if target == kind:
            confidence = max(confidence, 0.55 + 0.4 * share + 0.03 * min(confidence, 1.0))
        return confidence, f"{share:.0%} of its values are a known {kind}"
    # If a file is sorted by ids, a sample contains few of them.
    if share < 0.05 and len(ids) >= len(held):
        return 0.6 * confidence, f"none of its values is a known {kind}"
    return confidence, ""


def _share_known(values: Sequence[str], separator: str | None, ids: set[str]) -> float:
    parts = (
        part for value in values for part in (value.split(separator) if separator else [value])
    )
    held = {normalise_key(part) for part in parts if part.strip()}
    return len(held & ids) / len(held) if held else 0.0


def kind_of(target: str) -> str:
    """Return the kind of identifier that a contract column contains; '' for none."""
    if target.endswith("brid"):
        return "brid"
    return target if target in ("application_id", "persona_id") else ""


def normalise_key(value: str) -> str:
    """Normalise an identifier for comparison: remove case, blanks, domain and leading zeros."""
    return re.sub(r"^.*\\", "", value.strip()).casefold().lstrip("0")


def shape_of(value: str) -> str:
    """Return the pattern of a value: `a` for letters, `9` for digits, the rest unchanged."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value.strip()))


def is_own_name(header: str, target: str) -> bool:
    """Return whether a header is the contract's own name of the column."""
    return _same(_clean(header), _clean(target))


def name_likeness(header: str, target: str, feed: str) -> float:
    """Rate from 0 to 1 how well a header fits a column of a feed, by name only."""
    return _by_name(header, target, feed)[0]


def text_likeness(one: str, other: str) -> float:
    """Rate from 0 to 1 how similar two headers are."""
    return fuzz.token_sort_ratio(_clean(one), _clean(other)) / 100


def names_known(headers: Sequence[str]) -> int:
    """Count the headers that are synonyms of a column of any feed."""
    return sum(
        _clean(header).replace(" ", "") in _all_names() or words_of(header) in _all_words()
        for header in headers
        if header.strip()
    )


def candidate_formats(values: Sequence[str]) -> list[tuple[str, int]]:
    """Return each format with the number of values that it reads."""
    return [
        (code, sum(parse_date(value, code) is not None for value in values)) for code in _FORMATS
    ]


# Words that the loader reads as true or false.
PLAIN_TRUTHS = {"true", "false", "yes", "no", "y", "n", "t", "f", "1", "0"}


def truth(word: str) -> str | None:
    """Return what a word of any language means: true, false, or None if unknown."""
    listed = _data("vocabularies.yml")["boolean"]
    found = (meaning for meaning, words in listed.items() if word.casefold() in words)
    return next(found, None)


def vocabulary(contract: Contract, target: str) -> dict[str, str]:
    """Return the meaning of each casefolded word of a column with accepted values."""
    meanings: dict[str, list[str]] = _data("vocabularies.yml").get(f"{contract.feed}.{target}", {})
    return {word.casefold(): meaning for meaning, words in meanings.items() for word in words}


def _by_name(header: str, target: str, feed: str) -> tuple[float, list[str]]:
    """Rate a header: our own name, a known synonym, the same words, or similar words."""
    names, cleaned, words = _names(feed, target), _clean(header), words_of(header)
    if _same(cleaned, _clean(target)):
        return 1.0, [f"its name is '{header}'"]
    position = next((n for n, name in enumerate(names) if _same(cleaned, name)), None)
    if position is not None:
        return 0.95 - 0.005 * position, [f"systems call it '{header}'"]
    by_words = {_canonical(name): name for name in reversed(names)}
    said = words - _list("qualifiers")
    if found := by_words.get(words) or by_words.get(said):
        return (0.9 if words in by_words else 0.82), [f"'{header}' means '{found}'"]
    if said and all(frozenset([word]) in by_words for word in said):
        return 0.8, [f"'{header}' contains its name twice"]
    near = [
        name
        for known, name in by_words.items()
        if len(known) > 1 and known < said and len(said - known) == 1 and _is_of_one(said, known)
    ]
    if near:
        return 0.65, [f"'{header}' is a kind of '{near[-1]}'"]
    alike = process.extractOne(cleaned, names, scorer=fuzz.token_sort_ratio, score_cutoff=78)
    if alike is None or not _is_of_one(words, _canonical(alike[0])):
        return 0.0, []
    return min(round(0.78 * alike[1] / 100, 2), SURE - 0.03), [f"'{header}' is like '{alike[0]}'"]


def _is_of_one(words: frozenset[str], others: frozenset[str]) -> bool:
    """Return whether two headers name the same kind of id, not a manager's or a former one."""
    return words & _list("others") == others & _list("others")


@cache
def _names(feed: str, target: str) -> list[str]:
    """Return the cleaned synonyms of a column; for a person, those of all feeds."""
    synonyms = _data("synonyms.yml")
    listed = [*synonyms.get(feed, {}).get(target, [target])]
    if target == "brid":
        listed += synonyms["hr_headcount"]["brid"]
    return [_clean(name) for name in dict.fromkeys(listed)]


def words_of(header: str) -> frozenset[str]:
    """Return the words of a header; synonyms are replaced by one word."""
    return _canonical(_clean(header.replace("#", " number ")))


@lru_cache(10_000)
def _canonical(cleaned: str) -> frozenset[str]:
    text = f" {cleaned} "
    for other, word in _phrases():
        text = text.replace(f" {other} ", f" {word} ")
    return frozenset(text.split())


@cache
def _phrases() -> list[tuple[str, str]]:
    """Return each phrase with the word that replaces it, longest first."""
    said = _data("synonyms.yml")["words"]
    pairs = [(_clean(other), word) for word, others in said.items() for other in others]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(_data("synonyms.yml")[name])


def _by_values(column: Sampled, target: Column, contract: Contract) -> tuple[float, str]:
    """Return the factor for a confidence, and the reason."""
    values = column.values
    if not values:
        return (0.3 if target.is_value_required else 0.8), "the sample is empty"
    if target.parse_as == "date":
        share = column.share_dates
        return (1.1, f"{share:.0%} dates") if share > 0.8 else (0.3 * share, "no dates")
    words = vocabulary(contract, target.name)
    if target.parse_as == "boolean":
        words = {
            word.casefold(): meaning
            for meaning, listed in _data("vocabularies.yml")["boolean"].items()
            for word in listed
        }
    if words or target.accepted_values:
        accepted = {word.casefold() for word in (*target.accepted_values, *words)}
        share = sum(value.casefold() in accepted for value in values) / len(values)
        if share > 0.5:
            return 1.1, f"{share:.0%} known words"
        # A few codes are a vocabulary that a person can map; many different texts are not.
        is_code = len({value.casefold() for value in values}) <= _MOST_CODES
        return (0.85, "unknown codes") if is_code else (0.5, "unknown words")
    if target.name == "work_email":
        share = sum("@" in value for value in values) / len(values)
        return (1.1, "mail addresses") if share > 0.8 else (0.2, "no mail addresses")
    if target.name == "full_name":
        share = sum(bool(re.search(r"[^\W\d]{2}", value)) for value in values) / len(values)
        return (1.0, "") if share > 0.8 else (0.2, "no names")
    if target.name == "brid" and contract.feed == "hr_headcount":
        fit, reason = _by_text(column, target, contract)
        if fit < 1:
            return fit, reason
        return (1.05, "unique") if column.share_unique > 0.95 else (0.5, "not unique")
    if column.share_dates == 1:
        return 0.2, "dates"
    return _by_text(column, target, contract)


def _by_text(column: Sampled, target: Column, contract: Contract) -> tuple[float, str]:
    """Rate values of identifiers and names by their shape, the only evidence they have."""
    values = column.values
    share = sum(_MEASURE.search(value) is not None for value in values) / len(values)
    if share > 0.5 and not target.accepted_values:
        return 0.3, "amounts, or yes and no"
    if kind_of(target.name) == "brid":
        share = sum(_NO_PERSON.search(value) is not None for value in values) / len(values)
        if share > 0.5:
            return 0.5, "names, addresses or keys of a system"
    is_list = any(sign in value for sign in SEPARATORS for value in values)
    if (
        contract.feed == "iam_app_registry"
        and target.name == "application_id"
        and len(values) >= _ENOUGH
        and column.share_unique > 0.95
        and not is_list
    ):
        return 0.5, "another on every row"
    is_text = target.name in _TEXTS or target.name.endswith("_name")
    if is_text and all(re.fullmatch(r"[\d.,]+", value) for value in values):
        return 0.8, "numbers"
    return 1.0, ""


def _any_date(value: str) -> dt.date | None:
    if not re.search(r"\d", value) or len(value) < 6:
        return None
    return next((day for code in _FORMATS if (day := parse_date(value, code))), None)


@lru_cache(100_000)
def parse_date(value: str, code: str) -> dt.date | None:
    """Read a date with a strptime format; None if it does not fit."""
    try:
        return dt.datetime.strptime(value.strip(), code).date()  # noqa: DTZ007 - a calendar date
    except ValueError:
        return None


def _clean(name: str) -> str:
    """Reduce a header to words: split camelCase, remove punctuation and case."""
    # ServiceNow writes u_ before each column of a customer.
    plain = re.sub(r"(?:^|(?<=\.))u_", "", name.strip())
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return re.sub(r"[\W_]+", " ", apart).casefold().strip()


def _same(one: str, other: str) -> bool:
    """Return whether two names differ only by spaces, as SAMAccountName and samaccountname."""
    return one.replace(" ", "") == other.replace(" ", "")


@cache
def _all_names() -> set[str]:
    return {name.replace(" ", "") for name in _every_name()}


@cache
def _all_words() -> set[frozenset[str]]:
    """Return the words of each name that has several; a single word can be a value."""
    return {words for name in _every_name() if len(words := _canonical(name)) > 1}


def _every_name() -> Iterator[str]:
    synonyms = _data("synonyms.yml")
    for feed in synonyms.keys() - {"words", "qualifiers", "others"}:
        for target, names in synonyms[feed].items():
            yield from (_clean(name) for name in (target, *names))


@cache
def _data(name: str) -> dict[str, Any]:
    # Read as text: here, `no` and 1 are words.
    document = files(__package__).joinpath(name).read_text("utf-8")
    return dict(yaml.load(document, Loader=yaml.BaseLoader))  # noqa: S506 - it makes only text
