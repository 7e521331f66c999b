"""Likely owners of an account: irregular names, namesakes, dates, and undecidable cases."""

from __future__ import annotations

from datetime import date

import pytest
from planted.accounts import invented_bank, messy_bank

from persona_access.learning.accounts.match import Account, Matcher, Person
from persona_access.questions.accounts import SUGGESTED_FROM


@pytest.mark.parametrize(("people", "seed"), [(500, 11), (2000, 12)])
def test_suggestions_on_invented_banks_are_right_and_many(people: int, seed: int) -> None:
    bank = invented_bank(people=people, orphans=300, seed=seed)
    matcher = Matcher(bank.people, bank.known)
    answers = [(matcher.best(account), brid) for account, brid in bank.orphans]
    suggested = [
        (found.brid, brid)
        for found, brid in answers
        if found and found.probability >= SUGGESTED_FROM
    ]
    right = sum(found == brid for found, brid in suggested)
    assert right / len(suggested) >= 0.95
    assert right / sum(brid is not None for _, brid in answers) >= 0.7


@pytest.mark.parametrize(
    ("account_id", "full_name", "way"),
    [
        ("juergen.gruener", "Jürgen Grüner", "full_name"),
        ("ivanov.mikhail", "Михаил Иванов", "full_name"),
        ("BOB_DYLANSSON7", "Robert Dylansson", "nickname"),
        ("robert.dylansson", "Bob Dylansson", "nickname"),
        ("adm-kowalskal", "Łukasz Kowalska", "initial_and_last"),
        ("oobrienfield", "O'Brienfield, Órla", "initial_and_last"),
        ("zoe.sorennsen", "Zoë Sørensen", "sounds_alike"),
        ("zoe.sorensem", "Zoë Sørensen", "misspelt"),
        ("u-0104711", "Somebody Else", "employee_number"),
        ("CORP\\robert.dylansson", "Robert Dylansson", "full_name"),
        ("a.dylansson", "Anna Dylansson", "initial_and_last"),
        ("xdylansson", "Dylansson Xiaoming", "first_and_initial"),
        ("juan.garciason", "Juan Carlos Garciason Marquezley", "full_name"),
        ("juancarlos.marquezley", "Juan Carlos Garciason Marquezley", "full_name"),
        ("dmitrij_jurjew", "Юрьев Дмитрий", "sounds_alike"),
        ("khatzidakis.fotis", "Φώτης Χατζηδάκης", "same_consonants"),
        ("tsygankov.jana", "Яна Цыганков", "sounds_alike"),
        ("jana.cygankow", "Яна Цыганков", "sounds_alike"),
        ("xiaoming.wang", "王晓明", "full_name"),
        ("xwong", "王晓明", "initial_and_last"),
        ("szeto.wei", "司徒伟", "full_name"),
        ("mohamed-elsayed", "محمد السيد", "same_consonants"),
        ("hijazimohammed", "محمد حجازي", "same_consonants"),
        ("omar.gaber", "عمر جابر", "same_consonants"),
        ("sergej_worobyew", "Воробев Сергей", "sounds_alike"),
        ("sofia.kyriaciu", "Κυριακίου, Σοφία", "sounds_alike"),
        ("sergej_worobxew", "Воробев Сергей", "misspelt"),
    ],
)
def test_an_account_id_is_read_as_its_owner_writes_it(
    account_id: str, full_name: str, way: str
) -> None:
    others = invented_bank(people=100, orphans=0).people
    matcher = Matcher([*others, Person("104711", full_name)])
    (best, *_) = matcher.candidates(Account(account_id))
    assert (best.brid, best.agreeing) == ("104711", (way,))


@pytest.mark.parametrize(
    ("mess", "people", "seed", "found"),
    [
        ("transliterated", 500, 5, 0.7),
        ("transliterated", 2000, 2, 0.7),
        ("renamed", 500, 1, 0.7),
        ("renamed", 2000, 2, 0.7),
    ],
)
def test_suggestions_are_right_in_other_messes(
    mess: str, people: int, seed: int, found: float
) -> None:
    bank = messy_bank(mess=mess, people=people, orphans=400, seed=seed)
    matcher = Matcher(bank.people, bank.known)
    answers = [(matcher.best(account), brid) for account, brid in bank.orphans]
    suggested = [
        (one.brid, brid) for one, brid in answers if one and one.probability >= SUGGESTED_FROM
    ]
    right = sum(one == brid for one, brid in suggested)
    assert right / len(suggested) >= 0.94
    assert right / sum(brid is not None for _, brid in answers) >= found


def test_an_account_keeps_the_name_of_before_a_wedding() -> None:
    person = Person("104711", "Anna Lindqvistson", former_names=("Anna Dylansson",))
    matcher = Matcher([*invented_bank(people=100, orphans=0).people, person])
    assert matcher.candidates(Account("anna.dylansson"))[0].brid == "104711"


@pytest.mark.parametrize("is_in_mail", [True, False])
def test_the_spelling_that_somebody_uses_elsewhere_distinguishes_namesakes(
    *, is_in_mail: bool
) -> None:
    spelt = {"1": "mohamed.elsayed", "2": "muhammad.alsayed"}
    people = [
        Person(brid, "محمد السيد", f"{spelling}@bank.example" if is_in_mail else "")
        for brid, spelling in spelt.items()
    ]
    known = (
        [] if is_in_mail else [Account(spelling, None, brid) for brid, spelling in spelt.items()]
    )
    # The known accounts teach how people spell their names, from those who have a mail address.
    bank = messy_bank(mess="transliterated", people=500, orphans=0, seed=1)
    matcher = Matcher([*bank.people, *people], [*bank.known, *known])
    found = matcher.best(Account("elsayed_mohamed"))
    assert found is not None
    assert (found.brid, found.agreeing) == ("1", ("full_name",))


def test_an_initial_is_not_a_slip_for_another() -> None:
    matcher = Matcher([*invented_bank(people=100, orphans=0).people, Person("1", "Bo Dylansson")])
    assert all(one.brid != "1" for one in matcher.candidates(Account("kdylansson")))


def test_dates_alone_distinguish_namesakes() -> None:
    early = Person("1001", "Ann Berglund", hire_date=date(2015, 3, 2))
    late = Person("1002", "Anna Berglund", hire_date=date(2024, 3, 4))
    matcher = Matcher([early, late, *invented_bank(people=100, orphans=0).people])
    for granted, brid in ((date(2024, 3, 6), "1002"), (date(2015, 3, 3), "1001")):
        found = matcher.best(Account("aberglund", granted))
        assert found is not None
        assert found.brid == brid
    undated = matcher.candidates(Account("aberglund"))
    assert [round(found.probability, 6) for found in undated] == [
        round(undated[0].probability, 6)
    ] * 2
    assert undated[0].probability <= 0.5


def test_an_account_that_is_nobodys_has_no_suggestion() -> None:
    matcher = Matcher(invented_bank(people=100, orphans=0).people)
    assert matcher.best(Account("svc-backup-3")) is None
    assert matcher.best(Account("")) is None
