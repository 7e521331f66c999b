"""Estimate the probability that an account belongs to a person from what they have in common.

This is record linkage by Fellegi and Sunter: how often an account and its owner agree in a certain
way, compared with how often an account and anybody else do. Both rates are learned from accounts
whose owner is known, so that the naming schemes of the bank count; usual rates from elsewhere are
added with the weight of a few accounts. One possible answer is that no known person owns the
account.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from persona_access.learning.accounts.names import (
    consonants_of,
    digits_of,
    letters_of,
    patterns,
    sound_of,
    sounds_of,
)

# Ways to agree, the strongest first, and how many of 100 accounts do so if nothing is known.
WAYS = {
    "employee_number": 20,
    "mail": 15,
    "full_name": 20,
    "nickname": 5,
    "initial_and_last": 20,
    "first_and_initial": 4,
    "shortened": 5,
    "misspelt": 4,
    "sounds_alike": 2,
    "same_consonants": 1,
    "other_spelling": 2,
    "one_name": 2,
    "nothing": 2,
}
# Timing of the first grant of 100 accounts, relative to its owner's dates and to anybody else's.
_DATES = {
    "near_hire": (40, 3),
    "while_employed": (52, 55),
    "before_hire": (5, 32),
    "after_end": (1, 8),
    "no_date": (2, 2),
}
# Ways in which two people agree with an account because they have the same name.
_NAMES = frozenset(
    ["mail", "full_name", "nickname", "initial_and_last", "sounds_alike", "same_consonants"]
)
# Ways that say less of people whose own spelling in Latin letters is another one.
_SPELT = frozenset(["full_name", "initial_and_last", "sounds_alike", "same_consonants"])
# Prefixes and suffixes that name the purpose of an account and not its owner.
_PURPOSE = re.compile(
    r"^(adm|admin|a|u|usr|user|ext|x|c|priv|p|svc|t)[-_.]|[-_.](adm|admin|ext|prv)$"
)
# The domain that some registries write before the account.
_DOMAIN = re.compile(r"^.*[\\/]")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_SEPARATOR = re.compile(r"[._-]")
_NEAR_DAYS = 45
_MIN_MISSPELT = 88
# Shorter ones are shared by too many people.
_MIN_SOUNDS = 5
_MIN_LONG_SOUND = 8
_MIN_CONSONANTS = 5
# The similarity that remains if a transliteration left out vowels or wrote them differently.
_MIN_SOUNDING = 78
# The weight, in accounts, of usual rates from elsewhere in what known accounts teach.
_PRIOR_ACCOUNTS = 20
# Share of accounts without a known owner that belong to a known person nevertheless.
_OWNED_SHARE = 0.6
MIN_PROBABILITY = 0.5


@dataclass(frozen=True)
class Account:
    """An account: its id, the earliest date of a grant, and its owner if known."""

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
    former_names: tuple[str, ...] = ()


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


def _name_in(text: str) -> str:
    """Read the names that a mail address or account id has on both sides of a separator, if any."""
    bare = _PURPOSE.sub("", text.partition("@")[0].lower()).rstrip("0123456789")
    parts = _SEPARATOR.split(bare)
    is_name = len(parts) > 1 and all(len(part) > 2 and part.isalpha() for part in parts)
    return " ".join(parts) if is_name else ""


class Matcher:
    """People, indexed by the parts of account ids, with the rates of known accounts."""

    def __init__(self, people: Sequence[Person], known: Iterable[Account] = ()) -> None:
        self._people = {person.brid: person for person in people}
        self._by_text: dict[str, dict[str, str]] = defaultdict(dict)
        self._by_sound: dict[str, set[str]] = defaultdict(set)
        self._by_consonants: dict[str, dict[str, str]] = defaultdict(dict)
        self._by_mail: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[str]] = defaultdict(set)
        self._own_texts: dict[str, set[str]] = defaultdict(set)
        strength = {way: place for place, way in enumerate(WAYS)}
        for person in people:
            self._spell(person.brid, _name_in(person.work_email))
            for name in (person.full_name, *person.former_names, _name_in(person.work_email)):
                for text, way in patterns(name):
                    found = self._by_text[text]
                    if strength[way] < strength.get(found.get(person.brid, "nothing"), 99):
                        found[person.brid] = way
                for sound, is_last_whole in sounds_of(name):
                    self._by_sound[sound].add(person.brid)
                    if is_last_whole:
                        self._by_consonants[consonants_of(sound)].setdefault(person.brid, sound)
            if mail := _plain(person.work_email):
                self._by_mail[mail].add(person.brid)
            if number := digits_of(person.brid):
                self._by_number[number].add(person.brid)
        self._long_sounds = [sound for sound in self._by_sound if len(sound) >= _MIN_LONG_SOUND]
        self._long_texts = [text for text in self._by_text if len(text) >= 6]
        known = [account for account in known if account.brid in self._people]
        self._learn(known)
        # Not before, or accounts would show how to find themselves.
        for account in known:
            self._spell(account.brid or "", _name_in(account.account_id.lower()))

    def _spell(self, brid: str, name: str) -> None:
        """Note the spelling that a person uses in Latin letters."""
        for text, way in patterns(name):
            self._own_texts[brid].add(text)
            self._by_text[text].setdefault(brid, way)

    def candidates(self, account: Account) -> list[Candidate]:
        """List the people to whom the account belongs with some probability, likeliest first."""
        ways = self._ways(account)
        n_people = max(len(self._people), 1)
        n_alike = Counter(ways.values())
        weights = {
            brid: self._way_ratio[way]
            / self._rivalry(way, n_alike[way])
            * self._date_ratio[self._dates(account, brid)]
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
        """Find the people who agree with the account id, each in the strongest way."""
        text = _DOMAIN.sub("", account.account_id.strip().lower())
        bare = _PURPOSE.sub("", text)
        found: dict[str, str] = {}
        number = digits_of(bare)
        letters = letters_of(bare)
        # Two digits distinguish namesakes; an id that is all or nearly all digits is a person's
        # number.
        if len(number) >= 4:
            for brid in self._by_number.get(number, ()):
                found[brid] = "employee_number"
        for brid in self._by_mail.get(_plain(bare), ()):
            found.setdefault(brid, "mail")
        # A part that looks like a purpose may be an initial.
        exact = self._by_text.get(letters, {}) | self._by_text.get(letters_of(text), {})
        for brid, way in exact.items():
            found.setdefault(brid, way)
        if not exact:
            found |= self._ways_by_sound(letters, found)
        if not exact and len(letters) >= 6:
            for near, _, _ in process.extract(
                letters, self._long_texts, scorer=fuzz.ratio, score_cutoff=_MIN_MISSPELT, limit=20
            ):
                for brid, way in self._by_text[near].items():
                    # One letter for a whole name is not a typing error for another letter.
                    is_initial = way in ("initial_and_last", "first_and_initial")
                    if way in ("one_name", "shortened") or (
                        is_initial and (near[0], near[-1]) != (letters[0], letters[-1])
                    ):
                        continue
                    found.setdefault(brid, "misspelt")
        for brid, way in found.items():
            own = self._own_texts.get(brid)
            if own and way in _SPELT and letters not in own:
                found[brid] = "other_spelling"
        return found

    def _ways_by_sound(self, letters: str, known: dict[str, str]) -> dict[str, str]:
        """Find people, except `known`, whose name sounds like the id, exactly or nearly.

        A name with the same consonants sounds nearly like it.
        """
        # A c sounds like k in most names, and like ts in some; a j sounds like three letters.
        sounds = [
            sound_of(one)
            for one in dict.fromkeys(
                (letters, letters.replace("c", "ts"), letters.replace("j", "g"))
            )
        ]
        for sound in sounds:
            if len(sound) >= _MIN_SOUNDS and (owners := self._by_sound.get(sound)):
                return dict.fromkeys(owners - known.keys(), "sounds_alike")
        alike = {
            brid: "same_consonants"
            for sound in sounds
            if len(consonants := consonants_of(sound)) >= _MIN_CONSONANTS
            for brid, other in self._by_consonants.get(consonants, {}).items()
            # A name in Arabic letters has hardly any vowels to compare.
            if brid not in known
            and (2 * len(other) <= 3 * len(consonants) or fuzz.ratio(sound, other) >= _MIN_SOUNDING)
        }
        return alike or {
            brid: "misspelt"
            for near, _, _ in process.extract(
                sounds[0],
                self._long_sounds,
                scorer=fuzz.ratio,
                score_cutoff=_MIN_MISSPELT,
                limit=20,
            )
            # One letter for a whole name is not a slip for another.
            if (near[0], near[-1]) == (sounds[0][0], sounds[0][-1])
            for brid in self._by_sound[near] - known.keys()
        }

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

    def _rivalry(self, way: str, n_alike: int) -> float:
        """Return how much likelier than usual a name with `n_alike` people is another person's.

        A name that one person has is one of nobody else more often than a name that several have:
        of `n_alike` people the share of names that only one has is taken off, as in the absolute
        discounting of words that were counted.
        """
        if way not in self._single_share:
            return 1.0
        single = self._single_share[way]
        usual = self._usual_alike[way] - single
        return min(max((n_alike - single) / usual, 0.2), 5.0) if usual > 0.05 else 1.0

    def _learn(self, known: Sequence[Account]) -> None:
        own_ways, other_ways = Counter[str](), Counter[str]()
        own_dates, other_dates = Counter[str](), Counter[str]()
        alike: dict[str, list[int]] = defaultdict(list)
        brids = list(self._people)
        for number, account in enumerate(known):
            owner = account.brid or ""
            ways = self._ways(account)
            own_way = ways.get(owner, "nothing")
            own_ways[own_way] += 1
            alike[own_way].append(sum(way == own_way for way in ways.values()))
            other_ways.update(way for brid, way in ways.items() if brid != owner)
            own_dates[self._dates(account, owner)] += 1
            # A different other person for each account.
            other = brids[(number * 7919 + 1) % len(brids)]
            if other != owner:
                other_dates[self._dates(account, other)] += 1
        n_known, n_people = len(known), max(len(self._people), 2)
        # Nothing is learned from too few known accounts.
        self._usual_alike = {
            way: sum(numbers) / len(numbers)
            for way, numbers in alike.items()
            if len(numbers) >= _PRIOR_ACCOUNTS / 2
        }
        self._single_share = {
            way: self._singles(way) for way in _NAMES.intersection(self._usual_alike)
        }
        self._way_ratio = {}
        for way, usual in WAYS.items():
            own_share = (own_ways[way] + usual * _PRIOR_ACCOUNTS / 100) / (
                n_known + _PRIOR_ACCOUNTS
            )
            # If no known account shares a way with anybody else, fewer than one is expected.
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

    def _singles(self, way: str) -> float:
        """Return the discount for names of a kind, from how many belong to one person or two."""
        numbers = Counter(self._n_owners(way))
        return numbers[1] / (numbers[1] + 2 * numbers[2]) if numbers[1] else 0.0

    def _expected(self, way: str) -> float:
        """Count how many other people share a text of this way with a person, on average."""
        shared = total = 0
        for n_owners in self._n_owners(way):
            shared += n_owners * (n_owners - 1)
            total += n_owners
        return shared / total + 0.1 if total else 0.1

    def _n_owners(self, way: str) -> Iterable[int]:
        """Count the people of each text of a way."""
        if way == "mail":
            return map(len, self._by_mail.values())
        if way == "sounds_alike":
            return map(len, self._by_sound.values())
        if way == "same_consonants":
            return map(len, self._by_consonants.values())
        return (
            sum(1 for found in owners.values() if found == way) for owners in self._by_text.values()
        )
