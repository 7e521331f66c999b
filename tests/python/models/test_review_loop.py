"""Ten weeks of answers, from the lists that reviewers got to what the registry shows at the end.

Every answer is followed a second time here, week by week and without the project's SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from persona_access.base.list_codes import item_code
from scenarios.project import Project, Row, make_project, to_csv

KEY = "a-key-that-only-the-tests-know"
WEEKS = [date(2026, 1, 5) + timedelta(days=7 * n) for n in range(10)]
BOSS, MANAGER, OTHER, OWNER, DELEGATE = "1", "10", "11", "20", "30"
STAFF = [str(n) for n in range(101, 120)]
# Whoever leaves keeps nothing that was kept for somebody who works here.
LEAVER, LEFT = "119", 4
PRIVILEGED = {"105", "118"}
DAYS = 14
COLUMNS = [
    "item_id", "list_week", "reviewer_brid", "list_code", "decision", "decision_reason",
    "keep_until", "persona_id", "new_reviewer_brid", "decided_by",
]  # fmt: skip
APPROVED = {"approved_by": BOSS, "approved_on": "2025-12-15", "rationale": "Invented."}
SEEDS = {
    "review_delegates": [
        APPROVED | {"reviewer_brid": MANAGER, "delegate_brid": DELEGATE, "valid_from": "2026-01-01"}
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

    @property
    def item_id(self) -> str:
        """What the answer is about."""
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
    Answer(0, "110", "revoke", is_forged=True),
    Answer(0, "111", "revoke"),
    Answer(0, "111", "keep", until=LATER),
    Answer(0, "112", "keep", until=LATER, by="112"),
    Answer(0, "113", "revoke", by=DELEGATE),
    Answer(0, "114", "revoke", by=OTHER),
    Answer(0, "115", "revoke", opened=1),
    Answer(0, "116", "keep", until=WEEKS[0]),
    Answer(0, "", "attest"),
    # The owner disagrees about one, and signs another; whoever was handed an item decides it.
    Answer(1, "106", "revoke", list_week=1, reviewer=OWNER),
    Answer(2, "105", "keep", list_week=2, reviewer=OWNER, until=LATER),
    Answer(2, "109", "revoke", list_week=2, reviewer=OTHER),
    # A newer list, and then an old one that is sent again.
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
    # Whoever may not keep it, gives it up.
    Answer(6, "107", "revoke", list_week=6),
]


def holds_vault(brid: str, week: int) -> bool:
    """Whether the registry of a week has the grant."""
    if brid == "101":
        return week < 2
    if brid == "103":
        return week < 2 or 4 <= week < 6
    if brid == "113":
        return week < 9
    return True


def is_gone(brid: str, week: int) -> bool:
    """Whether HR says in a week that the person left; the registry keeps the access."""
    return brid == LEAVER and week >= LEFT


def deliver(project: Project, week: int) -> None:
    """Deliver the feeds of a week, and the answers that came since the week before."""
    people = [BOSS, MANAGER, OTHER, OWNER, DELEGATE, *STAFF]
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
        for persona, apps in (("clerk", ["mail"]), ("keeper", ["mail", "vault"]))
        for app in apps
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
        project.deliver(feed, WEEKS[week], to_csv(columns, rows))
    arrived = [answer for answer in ANSWERS if answer.after == week - 1]
    for reviewer in dict.fromkeys(answer.reviewer for answer in arrived):
        rows = [answer.row() for answer in arrived if answer.reviewer == reviewer]
        day = WEEKS[week - 1] + timedelta(days=2)
        project.deliver(f"review_decisions_{reviewer}", day, to_csv(COLUMNS, rows))


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


# The same once more, without SQL ------------------------------------------------------------------


@dataclass
class Followed:
    """What is known at the end of each week."""

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
            handed = newest.get((item, MANAGER))
            first = handed.new_reviewer if handed and handed.decision == "not mine" else MANAGER
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
    listed = lists[answer.list_week].get(answer.reviewer, set())
    twins = [
        other
        for other in arrived
        if (other.item_id, other.reviewer, other.after)
        == (answer.item_id, answer.reviewer, answer.after)
        and other.decision != answer.decision
    ]
    may_answer = answer.by in ("", answer.reviewer, DELEGATE)
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
    # Who asks again puts nothing off.
    asked = min(
        other.day
        for other in ANSWERS
        if (other.item_id, other.reviewer, other.decision)
        == (answer.item_id, answer.reviewer, answer.decision)
    )
    is_late = asked + timedelta(days=DAYS) < WEEKS[week]
    return "still_held" if is_late else "removal_requested"


# What must agree ----------------------------------------------------------------------------------


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
        (None, "not_on_the_list"),
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


def test_an_earlier_week_knows_nothing_of_later_answers(bank: Project) -> None:
    """Built again on a copy from the fifth week on, every week says the same."""
    before = decisions(bank)
    again = bank.copy(bank.root.with_name("again"))
    result = again.run("rebuild", "--from", str(WEEKS[8]))
    assert result.exit_code == 0, result.output
    assert decisions(again) == before


def test_the_oracle_sees_a_difference() -> None:
    """A follower that can see no difference would agree with anything."""
    answer = ANSWERS[0]
    assert is_rejected(replace(answer, is_forged=True), ANSWERS, follow().lists)
    assert not is_rejected(answer, ANSWERS, follow().lists)
