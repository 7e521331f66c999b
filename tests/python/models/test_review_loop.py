"""Ten weeks of answers, from the reviewers' lists to the final state of the registry.

Every answer is computed a second time here, week by week and without the project's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import cycle

import pytest

from persona_access.base.errors import EXIT_SOME_REFUSED
from persona_access.base.list_codes import item_code
from scenarios.project import Project, Row, make_project, to_csv

KEY = "a-key-that-only-the-tests-know"


def monday(week: int) -> date:
    """Return the as-of date of a week by its number."""
    return date(2026, 1, 5) + timedelta(days=7 * week)


WEEKS = [monday(week) for week in range(10)]
BOSS, MANAGER, OTHER, OWNER, DELEGATE = "1", "10", "11", "20", "30"
# A delegate whom HR no longer has from the fourth week on, and a persona that is not listed then.
GONE, GONE_FROM, DROPPED = "31", 3, "guest"
STAFF = [str(n) for n in range(101, 122)]
# A leaver keeps nothing that was kept for them while they worked here.
LEAVER, LEFT = "119", 4
PRIVILEGED = {"105", "118"}
DAYS, HAND_OVERS = 14, 3
COLUMNS = [
    "item_id", "list_week", "reviewer_brid", "list_code", "decision", "decision_reason",
    "keep_until", "persona_id", "new_reviewer_brid", "decided_by",
]  # fmt: skip
APPROVED = {"approved_by": BOSS, "approved_on": "2025-12-15", "rationale": "Invented."}
SEEDS = {
    "review_delegates": [
        APPROVED | {"reviewer_brid": MANAGER, "delegate_brid": brid, "valid_from": "2026-01-01"}
        for brid in (DELEGATE, GONE)
    ],
    "exception_policy": [
        APPROVED
        | {
            "policy_id": f"P-{privileged}",
            "application_id": "*",
            "reconciliation_reason": "*",
            "is_privileged": privileged,
            "approval": approval,
            "max_days": "180",
        }
        for privileged, approval in (("*", "reviewer"), ("true", "application_owner"))
    ],
}


@dataclass(frozen=True)
class Answer:
    """One line of an answered list, and the number of the week after whose build it arrives."""

    after: int
    brid: str
    decision: str
    list_week: int = 0
    reviewer: str = MANAGER
    by: str = ""
    until: date | None = None
    persona: str = ""
    new_reviewer: str = ""
    opened: int = 0
    is_forged: bool = False
    file: str = ""

    @property
    def item_id(self) -> str:
        """The item of the answer."""
        if self.decision == "attest":
            return "attestation"
        return f"{self.brid}:vault:excess:{WEEKS[self.opened]}"

    @property
    def day(self) -> date:
        """The date of its file."""
        return WEEKS[self.after] + timedelta(days=2)

    def row(self) -> Row:
        """Write the line as the feed has it."""
        code = item_code(
            "another key" if self.is_forged else KEY,
            self.reviewer,
            WEEKS[self.list_week],
            self.item_id,
        )
        return {
            "item_id": self.item_id,
            "list_week": str(WEEKS[self.list_week]),
            "reviewer_brid": self.reviewer,
            "list_code": code,
            "decision": self.decision,
            "decision_reason": "Needed" if self.decision == "keep" else "",
            "keep_until": str(self.until or ""),
            "persona_id": self.persona,
            "new_reviewer_brid": self.new_reviewer,
            "decided_by": self.by,
        }


LATER = WEEKS[0] + timedelta(days=150)
ANSWERS = [
    Answer(0, "101", "revoke"),
    Answer(0, "102", "revoke"),
    Answer(0, "103", "revoke"),
    Answer(0, "104", "keep", until=WEEKS[5]),
    Answer(0, "105", "keep", until=LATER),
    Answer(0, "106", "keep", until=LATER),
    Answer(0, "107", "keep", until=LATER + timedelta(days=900)),
    Answer(0, "108", "wrong persona", persona="keeper"),
    Answer(0, "109", "not mine", new_reviewer=OTHER),
    # Correct on arrival, regardless of later changes of the persona and the new reviewer.
    Answer(0, "120", "wrong persona", persona=DROPPED),
    Answer(0, "121", "not mine", new_reviewer=GONE),
    Answer(0, "110", "revoke", is_forged=True),
    Answer(0, "111", "revoke"),
    Answer(0, "111", "keep", until=LATER),
    Answer(0, "112", "keep", until=LATER, by="112"),
    Answer(0, "113", "revoke", by=DELEGATE),
    Answer(0, "114", "revoke", by=OTHER),
    Answer(0, "115", "revoke", opened=1),
    Answer(0, "116", "keep", until=WEEKS[0]),
    Answer(0, "", "attest"),
    # The owner disagrees about one, and signs another; the person who was handed an item decides
    # it.
    Answer(1, "106", "revoke", list_week=1, reviewer=OWNER),
    Answer(2, "105", "keep", list_week=2, reviewer=OWNER, until=LATER),
    Answer(2, "109", "revoke", list_week=2, reviewer=OTHER),
    # A newer list, followed by an old one that is sent again.
    Answer(3, "102", "revoke", list_week=3),
    Answer(5, "102", "keep", until=LATER),
    # The answer before the last one is sent again, in a file that is new by its bytes.
    Answer(0, "117", "keep", until=LATER),
    Answer(1, "117", "revoke"),
    Answer(2, "117", "keep", until=LATER),
    # The owner signs for a shorter time than the manager asked for.
    Answer(0, "118", "keep", until=LATER),
    Answer(0, "118", "keep", reviewer=OWNER, until=WEEKS[5]),
    Answer(0, LEAVER, "keep", until=LATER),
    # A reviewer who must not keep it revokes it.
    Answer(6, "107", "revoke", list_week=6),
    # After being handed on three times, the item stays with the fourth reviewer, whatever the
    # answer.
    Answer(1, "116", "not mine", list_week=1, new_reviewer=OTHER),
    Answer(2, "116", "not mine", list_week=2, reviewer=OTHER, new_reviewer=DELEGATE),
    Answer(3, "116", "not mine", list_week=3, reviewer=DELEGATE, new_reviewer=BOSS),
    Answer(4, "116", "not mine", list_week=4, reviewer=BOSS, new_reviewer="101"),
    # A delegate's earlier answers stay; after they leave HR, their answers do not count.
    Answer(2, "115", "revoke", list_week=2, by=GONE),
    Answer(3, "112", "revoke", list_week=3, by=GONE),
    # Two files of one date; and one that is older than the list that it answers.
    Answer(1, "114", "revoke", list_week=1, file="a"),
    Answer(1, "114", "keep", list_week=1, until=LATER, file="b"),
    Answer(2, "110", "revoke", list_week=3),
    # A file of its own, of which nothing is in effect once the access is gone.
    Answer(1, "101", "revoke", list_week=1, reviewer=OWNER, file="alone"),
]


def holds_vault(brid: str, week: int) -> bool:
    """Return whether the registry of a week has the grant."""
    if brid == "101":
        return week < 2
    if brid == "103":
        return week < 2 or 4 <= week < 6
    if brid == "113":
        return week < 9
    return True


def is_gone(brid: str, week: int) -> bool:
    """Return whether HR shows in a week that the person left; the registry keeps the access."""
    return brid == LEAVER and week >= LEFT


def deliver(project: Project, week: int) -> None:
    """Deliver the feeds of a week, and the answers since the week before."""
    people = [BOSS, MANAGER, OTHER, OWNER, DELEGATE, *STAFF]
    if week < GONE_FROM:
        people.append(GONE)
    hr = [
        {
            "brid": brid,
            "full_name": f"Person {brid}",
            "employment_status": "terminated" if is_gone(brid, week) else "active",
            "termination_date": str(WEEKS[LEFT]) if is_gone(brid, week) else "",
            "management_level": "L1",
            "cost_center": "CC-1",
            "manager_brid": MANAGER if brid in STAFF else BOSS if brid != BOSS else "",
        }
        for brid in people
    ]
    grants = [
        {
            "application_id": "mail",
            "application_name": "Mail",
            "brid": brid,
            "application_owner_brid": BOSS,
        }
        for brid in people
        if not is_gone(brid, week)
    ] + [
        {
            "application_id": "vault",
            "application_name": "Vault",
            "brid": brid,
            "is_privileged": "true" if brid in PRIVILEGED else "false",
            "application_owner_brid": OWNER,
        }
        for brid in [*STAFF, OWNER]
        if brid == OWNER or holds_vault(brid, week)
    ]
    personas = [
        {"persona_id": persona, "persona_name": persona, "application_id": app, "requirement": ""}
        for persona, apps in (
            ("clerk", ["mail"]),
            ("keeper", ["mail", "vault"]),
            (DROPPED, ["mail"]),
        )
        for app in apps
        if persona != DROPPED or week < GONE_FROM
    ]
    members = [
        {"brid": brid, "persona_id": "keeper" if brid == OWNER else "clerk"} for brid in people
    ]
    feeds = {
        "hr_headcount": hr,
        "iam_app_registry": grants,
        "persona_list": personas,
        "persona_members": members,
    }
    for feed, rows in feeds.items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        project.deliver(feed, monday(week), to_csv(columns, rows))
    arrived = [answer for answer in ANSWERS if answer.after == week - 1]
    for reviewer, file in dict.fromkeys((answer.reviewer, answer.file) for answer in arrived):
        rows = [a.row() for a in arrived if (a.reviewer, a.file) == (reviewer, file)]
        day = monday(week - 1) + timedelta(days=2)
        project.deliver(f"review_decisions_{reviewer}{file}", day, to_csv(COLUMNS, rows))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Build ten weeks, each before the answers to its lists are written."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PERSONA_ACCESS_LIST_KEY", KEY)
        project = make_project(tmp_path_factory.mktemp("loop") / "project", SEEDS)
        for week in range(len(WEEKS)):
            deliver(project, week)
            project.load()
            project.build_models(WEEKS[week])
        yield project


# The same computation, without SQL
# ------------------------------------------------------------------


@dataclass
class Followed:
    """The known state at the end of each week."""

    lists: list[dict[str, set[str]]] = field(default_factory=list)
    states: list[dict[Answer, str]] = field(default_factory=list)
    waived: list[set[str]] = field(default_factory=list)


def follow() -> Followed:
    known = Followed()
    opened: dict[str, int] = {}
    gone: dict[Answer, bool] = {}
    for week in range(len(WEEKS)):
        arrived = [answer for answer in ANSWERS if answer.after < week]
        rejected = {answer for answer in arrived if is_rejected(answer, arrived, known.lists)}
        newest: dict[tuple[str, str], Answer] = {}
        for answer in sorted(
            (a for a in arrived if a not in rejected), key=lambda a: (a.list_week, a.after)
        ):
            if not is_repeated(answer, arrived):
                newest[answer.item_id, answer.reviewer] = answer
        kept = {a: exception_of(a, newest, week) for a in newest.values() if a.decision == "keep"}
        waived = {answer.brid for answer, state in kept.items() if state == "exception_in_force"}
        for brid in STAFF:
            if not holds_vault(brid, week):
                opened.pop(brid, None)
            else:
                opened.setdefault(brid, week)
        lists: dict[str, set[str]] = defaultdict(set)
        for brid, since in opened.items():
            if brid in waived:
                continue
            item = f"{brid}:vault:excess:{WEEKS[since]}"
            first = MANAGER
            while (handed := newest.get((item, first))) and handed.decision == "not mine":
                first = handed.new_reviewer
            # HR does not know the manager of a person whom it no longer has.
            first = MANAGER if first == GONE and week >= GONE_FROM else first
            lists[first].add(item)
            lists[OWNER].add(item)
        states = {}
        for answer in arrived:
            if answer in rejected:
                states[answer] = "rejected"
            elif newest[answer.item_id, answer.reviewer] is not answer:
                states[answer] = "superseded"
            elif answer.decision == "revoke":
                states[answer] = removal_of(answer, week, gone)
            else:
                states[answer] = {
                    "attest": "attested",
                    "not mine": "reassigned",
                    "wrong persona": "persona_disputed",
                    "keep": kept.get(answer, ""),
                }[answer.decision]
        known.lists.append(dict(lists))
        known.states.append(states)
        known.waived.append(waived)
    return known


def is_rejected(answer: Answer, arrived: list[Answer], lists: list[dict[str, set[str]]]) -> bool:
    if answer.list_week > answer.after or (answer.by == GONE and answer.after >= GONE_FROM):
        return True
    n_before = sum(
        other.item_id == answer.item_id and other.after < answer.after
        for other in arrived
        if other.decision == answer.decision == "not mine"
    )
    if n_before >= HAND_OVERS:
        return True
    listed = lists[answer.list_week].get(answer.reviewer, set())
    twins = [
        other
        for other in arrived
        if (other.item_id, other.reviewer, other.after)
        == (answer.item_id, answer.reviewer, answer.after)
        and other.decision != answer.decision
    ]
    may_answer = answer.by in ("", answer.reviewer, DELEGATE, GONE)
    is_listed = bool(listed) if answer.decision == "attest" else answer.item_id in listed
    is_over = answer.until is not None and answer.until <= answer.day
    return answer.is_forged or not is_listed or not may_answer or bool(twins) or is_over


def is_repeated(answer: Answer, arrived: list[Answer]) -> bool:
    return any(
        other.after < answer.after and replace(other, after=answer.after) == answer
        for other in arrived
    )


def exception_of(answer: Answer, newest: dict[tuple[str, str], Answer], week: int) -> str:
    others = [a for (item, _), a in newest.items() if item == answer.item_id]
    if answer.until is None or answer.until > answer.day + timedelta(days=180):
        return "exception_contradicted"
    if any(other.decision == "revoke" for other in others):
        return "exception_contradicted"
    signed = [o.until for o in others if o.decision == "keep" and o.reviewer == OWNER and o.until]
    ends = [answer.until, *(signed if answer.brid in PRIVILEGED else [])]
    if min(ends) < WEEKS[week]:
        return "exception_expired"
    if answer.brid in PRIVILEGED and not signed:
        return "awaiting_approval"
    return "exception_contradicted" if is_gone(answer.brid, week) else "exception_in_force"


def removal_of(answer: Answer, week: int, gone: dict[Answer, bool]) -> str:
    if not holds_vault(answer.brid, week):
        gone[answer] = True
        return "removed"
    if answer in gone:
        return "returned"
    # A repeated request does not extend the due date.
    asked = min(
        other.day
        for other in ANSWERS
        if (other.item_id, other.reviewer, other.decision)
        == (answer.item_id, answer.reviewer, answer.decision)
    )
    is_late = asked + timedelta(days=DAYS) < WEEKS[week]
    return "still_held" if is_late else "removal_requested"


# Comparisons ----------------------------------------------------------------------------------


def decisions(bank: Project) -> list[Row]:
    return bank.query("from marts.fct_review_decisions order by as_of_date, decision_id")


def test_every_answer_is_followed_as_its_history_says(bank: Project) -> None:
    known = follow()
    expected = sorted(
        (WEEKS[week], answer.day, answer.item_id, answer.reviewer, answer.decision, state)
        for week, states in enumerate(known.states)
        for answer, state in states.items()
    )
    found = sorted(
        (
            row["as_of_date"],
            row["answered_date"],
            row["item_id"],
            row["reviewer_brid"],
            row["decision"].replace("_", " "),
            row["decision_state"],
        )
        for row in decisions(bank)
    )
    assert found == expected
    assert {state for *_, state in found} == {
        "rejected", "superseded", "removal_requested", "still_held", "removed", "returned",
        "exception_in_force", "exception_expired", "exception_contradicted", "awaiting_approval",
        "persona_disputed", "reassigned", "attested",
    }  # fmt: skip


def test_the_lists_hold_what_is_open_for_whom_it_concerns(bank: Project) -> None:
    known = follow()
    expected = {
        (WEEKS[week], reviewer, item)
        for week, lists in enumerate(known.lists)
        for reviewer, items in lists.items()
        for item in items
    }
    rows = bank.query("from marts.fct_review_lists")
    assert {(r["as_of_date"], r["reviewer_brid"], r["item_id"]) for r in rows} == expected


def test_each_rejected_answer_says_why(bank: Project) -> None:
    last = [row for row in decisions(bank) if row["as_of_date"] == WEEKS[-1]]
    reasons = {
        (row["brid"], row["state_reason"]) for row in last if row["decision_state"] == "rejected"
    }
    assert reasons == {
        ("110", "bad_code"),
        ("111", "contradicts_itself"),
        ("112", "self_review"),
        ("114", "not_the_reviewer"),
        ("114", "contradicts_another_file"),
        ("112", "decider_has_left"),
        ("116", "handed_on_too_often"),
        (None, "not_on_the_list"),
        ("110", "older_than_its_list"),
        ("116", "end_in_the_past"),
    }
    accepted = [row for row in last if row["decision_state"] != "rejected"]
    assert all(row["decided_by"] != row["brid"] for row in accepted)


def test_no_answer_is_lost(bank: Project) -> None:
    ((row),) = bank.query(
        "select sum(n_rows_read) as n_read, sum(n_rows_quarantined) as n_out from raw.load_ledger "
        "where feed = 'review_decisions'"
    )
    n_followed = len([r for r in decisions(bank) if r["as_of_date"] == WEEKS[-1]])
    assert row["n_read"] == len(ANSWERS) == n_followed + row["n_out"]


def test_a_removal_names_the_extracts_that_prove_it(bank: Project) -> None:
    (proof,) = bank.query(
        "select last_held_load_id, first_gone_load_id, first_gone_date from "
        "marts.fct_revocation_requests where brid = '101'"
    )
    assert proof == {
        "last_held_load_id": f"iam_app_registry_{WEEKS[1]}_v1",
        "first_gone_load_id": f"iam_app_registry_{WEEKS[2]}_v1",
        "first_gone_date": WEEKS[2],
    }


def test_what_is_kept_is_waived_and_never_a_match(bank: Project) -> None:
    known = follow()
    rows = bank.query(
        "select as_of_date, brid, reconciliation_status, disposition from "
        "marts.fct_access_reconciliation where application_id = 'vault' and brid <> '20'"
    )
    assert {row["reconciliation_status"] for row in rows} == {"excess"}
    waived = {(row["as_of_date"], row["brid"]) for row in rows if row["disposition"] == "waived"}
    assert waived == {(WEEKS[w], brid) for w, brids in enumerate(known.waived) for brid in brids}
    assert len(waived) > 5


def test_exceptions_stand_as_their_answers_do(bank: Project) -> None:
    answers = {
        row["decision_id"]: row["decision_state"].removeprefix("exception_")
        for row in decisions(bank)
        if row["as_of_date"] == WEEKS[-1] and row["decision"] == "keep"
    }
    exceptions = bank.query("from marts.dim_exceptions where exception_kind = 'review_decision'")
    assert {row["exception_state"] for row in exceptions} > {"in_force", "contradicted"}
    for row in exceptions:
        assert row["exception_state"] == answers[row["exception_id"]], row
        is_approved = row["approved_by"] is not None
        assert is_approved >= (row["exception_state"] == "in_force"), row
        assert not (is_approved and row["exception_state"] == "awaiting_approval"), row


def test_an_earlier_week_knows_nothing_of_later_answers(bank: Project) -> None:
    """Rebuilt on a copy from the fifth week on, every week has the same result."""
    before = decisions(bank)
    again = bank.copy(bank.root.with_name("again"))
    result = again.run("rebuild", "--from", str(WEEKS[8]))
    assert result.exit_code == 0, result.output
    assert decisions(again) == before


def test_what_is_in_effect_outlasts_retention(bank: Project) -> None:
    """Nobody is asked again what may be kept, and no request is lost, when old weeks go."""
    pruned = bank.copy(bank.root.with_name("pruned"))
    columns = "reviewer_brid, item_id, reviewer_role, due_date"
    newest_list = f"select {columns} from marts.fct_review_lists where as_of_date = '{WEEKS[-1]}'"
    campaigns = f"from marts.fct_review_campaigns where started_date >= '{WEEKS[5]}'"
    last = f"from marts.fct_review_decisions where as_of_date = '{WEEKS[-1]}'"
    before = bank.query(f"{last} order by decision_id")
    assert {row["decision_state"] for row in before} > {"exception_in_force", "still_held"}
    assert len(bank.query("from marts.fct_review_campaigns")) > len(bank.query(campaigns))

    result = pruned.run("prune", "--keep-weeks", "3", "--yes")
    assert result.exit_code == 0, result.output
    weeks = pruned.query("select min(as_of_date) as first from marts.fct_access_reconciliation")
    assert weeks == [{"first": WEEKS[5]}]
    pruned.build_models(WEEKS[-1])

    after = pruned.query(f"{last} order by decision_id")
    gone = [row for row in before if row not in after]
    assert after == [row for row in before if row not in gone]
    alone = f"review_decisions_{OWNER}alone_{WEEKS[1] + timedelta(days=2)}.csv"
    states = {(row["file_name"] == alone, row["decision_state"]) for row in gone}
    assert states == {(True, "removed"), (False, "rejected")}
    in_order = f"{newest_list} order by all"
    assert pruned.query(in_order) == bank.query(in_order)
    everything = "from marts.fct_review_campaigns order by all"
    assert pruned.query(everything) == bank.query(f"{campaigns} order by all")


def test_the_oracle_sees_a_difference() -> None:
    """An oracle that detects no difference would agree with anything."""
    answer = ANSWERS[0]
    assert is_rejected(replace(answer, is_forged=True), ANSWERS, follow().lists)
    assert not is_rejected(answer, ANSWERS, follow().lists)


# Files that are forged, replayed, cut or in doubt, after the last list ----------------------------

# Name and text of a file, and the state and reason of each loaded line.
File = tuple[str, str, list[tuple[str, str | None]]]
CONFIRMED: tuple[str, str | None] = ("removal_requested", None)


def hostile_files(fresh: list[str], known: list[str]) -> list[File]:
    """Write the files of a malicious reviewer, or of a faulty editor."""
    unanswered, answered = iter(fresh), cycle(known)

    def line(by: str = "", *, of: str = MANAGER, item: str | None = None, **cells: str) -> Row:
        item = item or next(answered)
        week = cells.pop("week", str(WEEKS[-1]))
        code = item_code(KEY, of, date.fromisoformat(week), item)
        row = {"item_id": item, "list_week": week, "reviewer_brid": of, "list_code": code}
        return row | {"decision": "revoke", "decided_by": by} | cells

    def keep(until: str = str(WEEKS[-1] + timedelta(days=60)), **cells: str) -> Row:
        return line(decision="keep", decision_reason="Once more", keep_until=until, **cells)

    files: list[File] = []

    def file(name: str, rows: list[Row], *expected: tuple[str, str | None]) -> str:
        text = to_csv(COLUMNS, rows)
        files.append((name, text, list(expected)))
        return text

    good = [line(item=next(unanswered)), line(item=next(unanswered), decision=" REVOKE ")]
    text = file("01_good", good, CONFIRMED, CONFIRMED)
    files.append(("02_same_bytes", text, []))
    file("03_same_lines_turned", good[::-1], *[("superseded", "repeated_answer")] * 2)
    one, other = line(), line()
    exchanged = [one | {"list_code": other["list_code"]}, other | {"list_code": one["list_code"]}]
    file("04_codes_exchanged", exchanged, *[("rejected", "bad_code")] * 2)
    file("05_code_cut", [one | {"list_code": one["list_code"][:-1]}], ("rejected", "bad_code"))
    file("06_no_code", [one | {"list_code": ""}], ("rejected", "bad_code"))
    file("07_of_another_reviewer", [one | {"reviewer_brid": OWNER}], ("rejected", "bad_code"))
    file("08_of_another_week", [one | {"list_week": str(WEEKS[-2])}], ("rejected", "bad_code"))
    file("09_another_item", [one | {"item_id": other["item_id"]}], ("rejected", "bad_code"))
    file("10_next_list", [line(week=str(monday(10)))], ("rejected", "older_than_its_list"))
    file(
        "11_invented_item",
        [line(item="1:vault:excess:2026-01-05")],
        ("rejected", "not_on_the_list"),
    )
    file("12_by_a_stranger", [line(OTHER)], ("rejected", "not_the_reviewer"))
    mine = line()
    file(
        "13_by_oneself",
        [mine | {"decided_by": mine["item_id"].split(":")[0]}],
        ("rejected", "self_review"),
    )
    file("14_by_who_is_gone", [line(GONE)], ("rejected", "decider_has_left"))
    file("15_over", [keep(str(WEEKS[-1]))], ("rejected", "end_in_the_past"))
    file("16_for_ever", [keep("")], ("rejected", "end_missing"))
    file(
        "17_for_years",
        [keep("2029-01-01", item=next(unanswered))],
        ("exception_contradicted", "longer_than_policy"),
    )
    both = line()
    file(
        "18_two_words",
        [both, keep(item=both["item_id"])],
        *[("rejected", "contradicts_itself")] * 2,
    )
    torn = line(item=next(unanswered))
    file("19_one_of_two", [torn], ("rejected", "contradicts_another_file"))
    file("20_two_of_two", [keep(item=torn["item_id"])], ("rejected", "contradicts_another_file"))
    for number, whom in ((21, MANAGER), (22, "999"), (23, GONE)):
        file(f"{number}_to_{whom}", [line(decision="not mine", new_reviewer_brid=whom)],
             ("rejected", "new_reviewer_unusable"))  # fmt: skip
    file(
        "24_no_persona",
        [line(decision="wrong persona", persona_id="none")],
        ("rejected", "persona_unknown"),
    )
    signed = line(item="attestation", decision="attest")
    file(
        "25_signed_by_a_line", [signed | {"list_code": one["list_code"]}], ("rejected", "bad_code")
    )
    cut = to_csv(COLUMNS, [line(item=next(unanswered)), line()])
    files.append(("26_cut_in_a_line", cut[: cut.rindex(",revoke") + 4], [CONFIRMED]))
    file("27_another_word", [line(item=next(unanswered)), line(decision="Revoke it")], CONFIRMED)
    file("28_no_item", [line(item=next(unanswered)), line() | {"item_id": ""}], CONFIRMED)
    file("29_day_in_doubt", [line(item=next(unanswered)), keep("12/11/2026")], CONFIRMED)
    return files


def more_hostile_files(owned: list[str]) -> list[File]:
    """Write more of them, about items on the list of the owner that the owner did not answer."""
    unanswered = iter(owned)

    def line(item: str = "", *, delegate: str | None = None, **cells: str) -> Row:
        item = item or next(unanswered)
        row = {"item_id": item, "list_week": str(WEEKS[-1]), "reviewer_brid": OWNER}
        code = item_code(KEY, OWNER, WEEKS[-1], item, delegate)
        return row | {"list_code": code, "decision": "revoke"} | cells

    files: list[File] = []

    def file(name: str, rows: list[Row], *expected: tuple[str, str | None]) -> None:
        files.append((name, to_csv([*COLUMNS, "BRID", "Application ID"], rows), list(expected)))

    forged = ("rejected", "bad_code")
    one, other = line(), line()
    file("30_moved_to_another_list", [one | {"reviewer_brid": MANAGER}], forged)
    shown = [
        {"BRID": row["item_id"].split(":")[0], "Application ID": "vault"} for row in (other, one)
    ]
    file("31_sorted_apart", [row | cells for row, cells in zip((one, other), shown, strict=True)],
         forged, forged)  # fmt: skip
    last_week = item_code(KEY, OWNER, WEEKS[-2], one["item_id"])
    file("32_code_of_last_week", [one | {"list_code": last_week}], forged)
    file("33_dated_after_the_week", [one])
    file("34_other_languages", [one | {"decision": "widerrufen"}, other | {"decision": "révoquer"}])
    blank = line(decision="\u00a0revoke \u200b")
    blank |= {"item_id": f"{blank['item_id']} ", "list_code": blank["list_code"].upper()}
    file("35_blanks_and_capitals", [blank], CONFIRMED)
    files.append(("36_a_page", "<!doctype html>\n<html><body>revoke</body></html>\n", []))
    file("37_formulas", [one | {"decision": '=IF(TRUE,"revoke")'}, other | {"decision": "@revoke"}])
    contested = ("rejected", "contradicts_another_file")
    end = str(WEEKS[-1] + timedelta(days=60))
    kept = {"decision": "keep", "decision_reason": "Needed", "keep_until": end}
    file("38_by_the_owner", [other], contested)
    file("39_by_the_owner_again", [other | kept], contested)
    file(
        "40_code_of_a_delegate", [line(one["item_id"], delegate=DELEGATE, decided_by=OTHER)], forged
    )
    file("41_delegate_nobody_named", [line(one["item_id"], delegate=DELEGATE, decided_by=DELEGATE)],
         ("rejected", "not_the_reviewer"))  # fmt: skip
    thrice, again = line(), ("superseded", "repeated_answer")
    file("42_three_times", [thrice, thrice, thrice], CONFIRMED, again, again)
    for_ever = one | kept | {"keep_until": "9999-12-31"}
    file("43_for_ever", [for_ever])
    signed = line("attestation", decision="attest") | {"reviewer_brid": MANAGER}
    file("44_signed_for_another", [signed], forged)
    file("45_reason_without_decision", [one | kept | {"decision": ""}])
    return files


def test_of_files_that_are_forged_replayed_or_cut_only_what_is_right_counts(bank: Project) -> None:
    """Every line that is read is a fact or in quarantine, with its reason; no other item moves."""
    after = bank.copy(bank.root.with_name("hostile"))
    lists = after.query(
        f"from marts.fct_review_lists where as_of_date = '{WEEKS[-1]}' and item_kind = 'finding'"
    )
    revoked = {
        row["item_id"]
        for row in decisions(after)
        if row["decision"] == "revoke"
        and row["reviewer_brid"] == MANAGER
        and row["decision_state"] != "rejected"
    }
    listed = {row["item_id"] for row in lists if row["reviewer_brid"] == MANAGER}
    files = hostile_files(sorted(listed - revoked), sorted(listed & revoked))
    of_owner = {row["item_id"] for row in decisions(after) if row["reviewer_brid"] == OWNER}
    owned = {row["item_id"] for row in lists if row["reviewer_brid"] == OWNER} - of_owner
    files += more_hostile_files(sorted(owned & revoked))
    before = {row["decision_id"] for row in decisions(after)}
    for name, text, _ in files:
        days = 60 if name.startswith("33") else 2
        after.deliver(f"review_decisions_{name}", WEEKS[-1] + timedelta(days=days), text)
    assert after.run("load").exit_code == EXIT_SOME_REFUSED
    deliver(after, 10)
    after.load()
    after.build_models(monday(10))
    refused = after.query(
        "select file_name from raw.load_ledger where load_status = 'rejected' order by all"
    )
    assert [row["file_name"].split("_")[2] for row in refused] == ["34", "36", "37", "43"]
    found: dict[str, list[tuple[str, str | None]]] = {name: [] for name, _, _ in files}
    rows = after.query(
        f"from marts.fct_review_decisions where as_of_date = '{monday(10)}' "
        "order by file_name, row_number"
    )
    for row in rows:
        if row["decision_id"] not in before:
            name = row["file_name"].removeprefix("review_decisions_").rpartition("_")[0]
            found[name].append((row["decision_state"], row["state_reason"]))
    assert found == {name: expected for name, _, expected in files}
    (sums,) = after.query(
        "select sum(n_rows_read) - sum(n_rows_loaded) as n_out, sum(n_rows_quarantined) as n_held "
        "from raw.load_ledger where feed = 'review_decisions' and load_status = 'loaded'"
    )
    reasons = after.query("from raw.quarantined_rows where feed = 'review_decisions'")
    assert sums["n_out"] == sums["n_held"] == len(reasons) == 4
    assert all(row["reason"] and row["message"] for row in reasons)
