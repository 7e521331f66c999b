"""Invent people and accounts with irregular names, for tests and measurements; nobody is real."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from persona_access.learning.accounts.match import Account, Person
from persona_access.learning.accounts.names import name_parts, nicknames_of, spellings
from planted.account_mess import account_id, renamed_name, transliterated_name

_FIRSTS = [
    "James",
    "Maria",
    "José",
    "Élodie",
    "Jürgen",
    "Søren",
    "Zoë",
    "Ólafur",
    "Łukasz",
    "Chloé",
    "Björn",
    "Agnès",
    "Михаил",
    "Ольга",
    "Дмитрий",
    "Νίκος",
    "Ελένη",
    "Wei",
    "Xiu",
    "Hiroshi",
    "Yuki",
    "Priya",
    "Rajesh",
    "Fatima",
    "Mohammed",
    "Omar",
    "Aisha",
    "Kwame",
    "Chidi",
    "Ngozi",
    "Elizabeth",
    "Robert",
    "William",
    "Michael",
    "Katherine",
    "Thomas",
    "Daniel",
    "Sofía",
    "Håkon",
    "Anaïs",
    "Renée",
    "François",
    "Christopher",
    "Jennifer",
    "Alexander",
    "Susanne",
    "Andrew",
    "Patricia",
    "Sebastian",
    "Johannes",
    "Giulia",
    "Matteo",
]
_LASTS = [
    "Smith",
    "Müller",
    "García-López",
    "O'Brien",
    "Nuñez",
    "Sørensen",
    "Weiß",
    "Kowalski",
    "Dvořák",
    "Çelik",
    "Иванов",
    "Петрова",
    "Παπαδόπουλος",
    "Wang",
    "Li",
    "Tanaka",
    "Nakamura",
    "Sharma",
    "Patel",
    "Khan",
    "Al-Sayed",
    "Mensah",
    "Okafor",
    "Adeyemi",
    "Johnson",
    "Brown",
    "Williams",
    "Jones",
    "Schröder",
    "Grüner",
    "Lefèvre",
    "Dubois",
    "Rossi",
    "Bianchi",
    "Fernández",
    "Silva",
    "Costa",
    "Nowak",
    "Horváth",
    "Jönsson",
    "Lindqvist",
    "Virtanen",
    "Mäkinen",
    "Svensson",
    "Bąk",
    "Żak",
    "Kaya",
    "Yildiz",
    "MacDonald",
    "Fitzgerald",
]


@dataclass(frozen=True)
class InventedBank:
    """People, accounts of known people, and orphan accounts with the person behind each."""

    people: list[Person]
    known: list[Account]
    orphans: list[tuple[Account, str | None]]


def invented_bank(*, people: int, orphans: int, seed: int = 7) -> InventedBank:
    """Invent people with accounts by several schemes, with errors; a third has no person."""
    draws = random.Random(seed)  # noqa: S311 - repeatable, no secret
    everybody = [_person(draws, number) for number in range(people)]
    known = []
    for person in draws.sample(everybody, people // 2):
        account_id, granted = _account(draws, person)
        known.append(Account(account_id, granted, person.brid))
    found: list[tuple[Account, str | None]] = []
    for number in range(orphans):
        if draws.random() < 1 / 3:
            # A person who was never in HR, or no person at all.
            if draws.random() < 0.5:
                stranger = _person(draws, 10_000_000 + number)
                account_id, granted = _account(draws, stranger)
            else:
                words = draws.choice(("backup", "batch", "monitor", "report", "deploy"))
                account_id, granted = f"svc-{words}-{draws.randrange(99)}", None
            found.append((Account(account_id, granted), None))
        else:
            person = draws.choice(everybody)
            account_id, granted = _account(draws, person)
            found.append((Account(account_id, granted), person.brid))
    return InventedBank(everybody, known, found)


def messy_bank(*, mess: str, people: int, orphans: int, seed: int = 7) -> InventedBank:
    """Invent people and accounts with one kind of irregularity, `transliterated` or `renamed`.

    As in `invented_bank`, a third of the orphans have no person.
    """
    draws = random.Random(seed)  # noqa: S311 - repeatable, no secret
    made = [_messy_person(draws, mess, number) for number in range(people)]
    known = [
        Account(account_id(draws, person.brid, names), _granted(draws, person), person.brid)
        for person, names in draws.sample(made, people // 2)
    ]
    found: list[tuple[Account, str | None]] = []
    for number in range(orphans):
        is_stranger = draws.random() < 1 / 3
        person, names = (
            _messy_person(draws, mess, 10_000_000 + number) if is_stranger else draws.choice(made)
        )
        account = Account(account_id(draws, person.brid, names), _granted(draws, person))
        found.append((account, None if is_stranger else person.brid))
    return InventedBank([person for person, _ in made], known, found)


def _messy_person(draws: random.Random, mess: str, number: int) -> tuple[Person, tuple[str, str]]:
    former: tuple[str, ...] = ()
    if mess == "transliterated":
        full_name, names = transliterated_name(draws)
    else:
        full_name, former, names = renamed_name(draws)
    hired, ended = _dates(draws)
    # Some people have a mail address, which contains the name of the account.
    mail = f"{names[0]}.{names[1]}@example.invalid" if draws.random() < 0.3 else ""
    return Person(f"{100_000 + number}", full_name, mail, hired, ended, former), names


def _dates(draws: random.Random) -> tuple[date, date | None]:
    hired = date(2012, 1, 1) + timedelta(days=draws.randrange(5000))
    ended = hired + timedelta(days=draws.randrange(200, 3000)) if draws.random() < 0.3 else None
    return hired, ended


def _granted(draws: random.Random, person: Person) -> date | None:
    if person.hire_date is None or draws.random() < 0.15:
        return None
    days = draws.randrange(20) if draws.random() < 0.6 else draws.randrange(2000)
    granted = person.hire_date + timedelta(days=days)
    return min(granted, person.termination_date or granted)


def _person(draws: random.Random, number: int) -> Person:
    first, last = draws.choice(_FIRSTS), draws.choice(_LASTS)
    # Most names of a bank are rare.
    last += draws.choice(
        (
            "",
            "",
            *(["son", "mann", "ski", "ova", "berg", "stein", "field", "wood", "ley", "ton", "er"]),
        )
    )
    full_name = draws.choice((f"{first} {last}", f"{last}, {first}", f"{first} {last}".upper()))
    hired, ended = _dates(draws)
    parts = name_parts(f"{first} {last}")
    mail = f"{parts[0][0]}.{parts[-1][0]}{number % 100 if draws.random() < 0.3 else ''}"
    return Person(f"{100_000 + number}", full_name, f"{mail}@example.invalid", hired, ended)


def _account(draws: random.Random, person: Person) -> tuple[str, date | None]:
    parts = name_parts(person.full_name)
    first = draws.choice(spellings(parts[0][0]))
    last = draws.choice(parts[-1])
    scheme = draws.choices(
        ("full", "initial", "number", "mail", "short", "nickname", "turned", "typo"),
        (30, 22, 10, 12, 6, 6, 8, 6),
    )[0]
    separator = draws.choice((".", "_", "", "-"))
    if scheme == "number":
        written = f"u{person.brid}"
    elif scheme == "mail":
        written = person.work_email if draws.random() < 0.5 else person.work_email.split("@")[0]
    elif scheme == "initial":
        written = first[0] + last
    elif scheme == "short":
        written = first[:3] + last[:3]
    elif scheme == "nickname":
        written = draws.choice(nicknames_of(first) or [first]) + separator + last
    elif scheme == "turned":
        written = last + separator + first
    else:
        written = first + separator + last
        if scheme == "typo" and len(written) > 5:
            place = draws.randrange(1, len(written) - 1)
            written = written[:place] + written[place + 1 :]
    if draws.random() < 0.25 and scheme not in ("number", "mail"):
        written += str(draws.randrange(1, 99))
    if draws.random() < 0.15:
        written = f"adm-{written}"
    written = written.upper() if draws.random() < 0.2 else written
    return written, _granted(draws, person)
