"""Probability that an account belongs to a person, by what they have in common.

This is record linkage after Fellegi and Sunter: how often an account and its own person agree in a
way, against how often an account and anybody else do. Both are learned from the accounts whose
person is known, so that the naming schemes of the bank count, with a few accounts' worth of what
is usual elsewhere. That nobody known owns the account is one of the answers.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from persona_access.learning.accounts.names import digits_of, letters_of, patterns

# Ways to agree, the strongest first, and how many of 100 accounts do so where nothing is known.
WAYS = {
    "employee_number": 20,
    "mail": 15,
    "full_name": 20,
    "nickname": 5,
    "initial_and_last": 20,
    "first_and_initial": 4,
    "shortened": 5,
    "misspelt": 5,
    "one_name": 2,
    "nothing": 4,
}
# When the first grant of 100 accounts is, to its owner's dates and to anybody else's.
_DATES = {
    "near_hire": (40, 3),
    "while_employed": (52, 55),
    "before_hire": (5, 32),
    "after_end": (1, 8),
    "no_date": (2, 2),
}
# Prefixes and suffixes that say what an account is for, and not whose it is.
_PURPOSE = re.compile(
    r"^(adm|admin|a|u|usr|user|ext|x|c|priv|p|svc|t)[-_.]|[-_.](adm|admin|ext|prv)$"
)
# The domain that some registries write before the account.
_DOMAIN = re.compile(r"^.*[\\/]")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NEAR_DAYS = 45
_MIN_MISSPELT = 88
# Accounts' worth of what is usual elsewhere, in what is learned from known accounts.
_PRIOR_ACCOUNTS = 20
# Share of accounts without a known person that belong to somebody known all the same.
_OWNED_SHARE = 0.6
MIN_PROBABILITY = 0.5


@dataclass(frozen=True)
class Account:
    """An account: its id, the earliest date of a grant, and its person where that is known."""

    account_id: str
    granted_date: date | None = None
    brid: str | None = None


@dataclass(frozen=True)
class Person:
    """A current or former employee."""

    brid: str
    full_name: str = ""
    work_email: str = ""
    hire_date: date | None = None
    termination_date: date | None = None


@dataclass(frozen=True)
class Candidate:
    """A person who may own an account, with the probability and the fields that agree."""

    account_id: str
    brid: str
    probability: float
    agreeing: tuple[str, ...]


def _plain(text: str) -> str:
    """Keep letters and digits of the part before the @."""
    return _NOT_PLAIN.sub("", text.partition("@")[0].lower())


class Matcher:
    """People, indexed by what account ids are made of, with what known accounts teach."""

    def __init__(self, people: Sequence[Person], known: Iterable[Account] = ()) -> None:
        self._people = {person.brid: person for person in people}
        self._by_text: dict[str, dict[str, str]] = defaultdict(dict)
        self._by_mail: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[str]] = defaultdict(set)
        strength = {way: place for place, way in enumerate(WAYS)}
        for person in people:
            for text, way in patterns(person.full_name):
                found = self._by_text[text]
                if strength[way] < strength.get(found.get(person.brid, "nothing"), 99):
                    found[person.brid] = way
            if mail := _plain(person.work_email):
                self._by_mail[mail].add(person.brid)
            if number := digits_of(person.brid):
                self._by_number[number].add(person.brid)
        self._long_texts = [text for text in self._by_text if len(text) >= 6]
        self._learn([account for account in known if account.brid in self._people])

    def candidates(self, account: Account) -> list[Candidate]:
        """List the people to whom the account belongs with some probability, likeliest first."""
        ways = self._ways(account)
        n_people = max(len(self._people), 1)
        weights = {
            brid: self._way_ratio[way] * self._date_ratio[self._dates(account, brid)]
            for brid, way in ways.items()
        }
        # Everybody else agrees in nothing.
        others = self._way_ratio["nothing"] * max(n_people - len(ways), 0)
        nobody = (1 - _OWNED_SHARE) / _OWNED_SHARE * n_people
        total = sum(weights.values()) + others + nobody
        found = [
            Candidate(account.account_id, brid, weight / total, self._agreeing(account, brid, way))
            for brid, way in ways.items()
            if (weight := weights[brid]) / total >= MIN_PROBABILITY / 10
        ]
        return sorted(found, key=lambda one: (-one.probability, one.brid))

    def best(self, account: Account) -> Candidate | None:
        """Return the likeliest person, if more likely than not."""
        found = self.candidates(account)
        return found[0] if found and found[0].probability >= MIN_PROBABILITY else None

    def _agreeing(self, account: Account, brid: str, way: str) -> tuple[str, ...]:
        when = self._dates(account, brid)
        return (way, when) if when == "near_hire" else (way,)

    def _ways(self, account: Account) -> dict[str, str]:
        """Find who agrees with the account id, each in the strongest way."""
        text = _DOMAIN.sub("", account.account_id.strip().lower())
        bare = _PURPOSE.sub("", text)
        found: dict[str, str] = {}
        number = digits_of(bare)
        letters = letters_of(bare)
        # Two digits tell namesakes apart; a whole id of digits, or almost, is a number of somebody.
        if len(number) >= 4:
            for brid in self._by_number.get(number, ()):
                found[brid] = "employee_number"
        for brid in self._by_mail.get(_plain(bare), ()):
            found.setdefault(brid, "mail")
        # What reads as a purpose may be an initial.
        exact = self._by_text.get(letters, {}) | self._by_text.get(letters_of(text), {})
        for brid, way in exact.items():
            found.setdefault(brid, way)
        if not exact and len(letters) >= 6:
            for near, _, _ in process.extract(
                letters, self._long_texts, scorer=fuzz.ratio, score_cutoff=_MIN_MISSPELT, limit=20
            ):
                for brid, way in self._by_text[near].items():
                    if way not in ("one_name", "shortened"):
                        found.setdefault(brid, "misspelt")
        return found

    def _dates(self, account: Account, brid: str) -> str:
        person = self._people[brid]
        if account.granted_date is None or person.hire_date is None:
            return "no_date"
        if person.termination_date and account.granted_date > person.termination_date:
            return "after_end"
        days = (account.granted_date - person.hire_date).days
        if days < -_NEAR_DAYS:
            return "before_hire"
        return "near_hire" if days <= _NEAR_DAYS else "while_employed"

    def _learn(self, known: Sequence[Account]) -> None:
        own_ways, other_ways = Counter[str](), Counter[str]()
        own_dates, other_dates = Counter[str](), Counter[str]()
        brids = list(self._people)
        for number, account in enumerate(known):
            owner = account.brid or ""
            ways = self._ways(account)
            own_ways[ways.get(owner, "nothing")] += 1
            other_ways.update(way for brid, way in ways.items() if brid != owner)
            own_dates[self._dates(account, owner)] += 1
            # Somebody else, another one each time.
            other = brids[(number * 7919 + 1) % len(brids)]
            if other != owner:
                other_dates[self._dates(account, other)] += 1
        n_known, n_people = len(known), max(len(self._people), 2)
        self._way_ratio = {}
        for way, usual in WAYS.items():
            own_share = (own_ways[way] + usual * _PRIOR_ACCOUNTS / 100) / (
                n_known + _PRIOR_ACCOUNTS
            )
            # Of a way that no known account shares with anybody else, less than one is expected.
            other_share = (other_ways[way] + self._expected(way)) / ((n_known + 1) * (n_people - 1))
            self._way_ratio[way] = own_share / other_share if way != "nothing" else own_share
        self._date_ratio = {}
        for when, (usual, usual_of_others) in _DATES.items():
            own_share = (own_dates[when] + usual * _PRIOR_ACCOUNTS / 100) / (
                n_known + _PRIOR_ACCOUNTS
            )
            other_share = (other_dates[when] + usual_of_others * _PRIOR_ACCOUNTS / 100) / (
                sum(other_dates.values()) + _PRIOR_ACCOUNTS
            )
            self._date_ratio[when] = own_share / other_share if when != "no_date" else 1.0

    def _expected(self, way: str) -> float:
        """Count how many other people share a text of this way with somebody, on average."""
        shared = total = 0
        for owners in self._by_text.values():
            n_owners = sum(1 for found in owners.values() if found == way)
            shared += n_owners * (n_owners - 1)
            total += n_owners
        return shared / total + 0.1 if total else 0.1
