"""Invented people and accounts with messy names, for tests and measurements; nobody is real."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from persona_access.learning.accounts.match import Account, Person
from persona_access.learning.accounts.names import name_parts, nicknames_of, spellings

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
    """People, accounts of known people, and orphans with the person that they were made from."""

    people: list[Person]
    known: list[Account]
    orphans: list[tuple[Account, str | None]]


def invented_bank(*, people: int, orphans: int, seed: int = 7) -> InventedBank:
    """Invent people whose accounts follow several schemes, with slips; a third has no person."""
    draws = random.Random(seed)  # noqa: S311 - repeatable, no secret
    everybody = [_person(draws, number) for number in range(people)]
    known = []
    for person in draws.sample(everybody, people // 2):
        account_id, granted = _account(draws, person)
        known.append(Account(account_id, granted, person.brid))
    found: list[tuple[Account, str | None]] = []
    for number in range(orphans):
        if draws.random() < 1 / 3:
            # Somebody whom HR never had, or no person at all.
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


def _person(draws: random.Random, number: int) -> Person:
    first, last = draws.choice(_FIRSTS), draws.choice(_LASTS)
    # Most names of a bank are rare ones.
    last += draws.choice(
        (
            "",
            "",
            *(["son", "mann", "ski", "ova", "berg", "stein", "field", "wood", "ley", "ton", "er"]),
        )
    )
    full_name = draws.choice((f"{first} {last}", f"{last}, {first}", f"{first} {last}".upper()))
    hired = date(2012, 1, 1) + timedelta(days=draws.randrange(5000))
    ended = hired + timedelta(days=draws.randrange(200, 3000)) if draws.random() < 0.3 else None
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
        account_id = f"u{person.brid}"
    elif scheme == "mail":
        account_id = person.work_email if draws.random() < 0.5 else person.work_email.split("@")[0]
    elif scheme == "initial":
        account_id = first[0] + last
    elif scheme == "short":
        account_id = first[:3] + last[:3]
    elif scheme == "nickname":
        account_id = draws.choice(nicknames_of(first) or [first]) + separator + last
    elif scheme == "turned":
        account_id = last + separator + first
    else:
        account_id = first + separator + last
        if scheme == "typo" and len(account_id) > 5:
            place = draws.randrange(1, len(account_id) - 1)
            account_id = account_id[:place] + account_id[place + 1 :]
    if draws.random() < 0.25 and scheme not in ("number", "mail"):
        account_id += str(draws.randrange(1, 99))
    if draws.random() < 0.15:
        account_id = f"adm-{account_id}"
    account_id = account_id.upper() if draws.random() < 0.2 else account_id
    if person.hire_date is None or draws.random() < 0.15:
        return account_id, None
    days = draws.randrange(20) if draws.random() < 0.6 else draws.randrange(2000)
    granted = person.hire_date + timedelta(days=days)
    return account_id, min(granted, person.termination_date or granted)
