"""Suggest changes of personas from the access of a week, as rows and as patches for review."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import write_atomically
from persona_access.base.printable import counted, harmless
from persona_access.base.queries import Record, ask, asking, choose_week, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.base.week_build import project_vars
from persona_access.learning.roles import decomposition, likely_rows
from persona_access.learning.roles.matrices import Bank, make_bank
from persona_access.questions.causes.patch import FOLDER, Patch
from persona_access.questions.role_rules import OF_RULES, Selections

_PROPOSALS = (
    "proposal_id",
    "proposal_kind",
    "persona_id",
    "other_persona_id",
    "management_level",
    "cost_center",
    "application_ids",
    "n_members",
    "support",
    "lift",
    "n_weeks",
    "n_settled",
    "n_blessed",
)
_MORE_ATTRIBUTES = ("department", "job_title", "worker_type", "location")
_IN_WEEK = "where as_of_date = $week"


def proposals(settings: Settings, *, is_learning: bool = True) -> Record:
    """List the proposals of the newest week, by the number of findings they would settle.

    With `is_learning`, the list includes rows that the persona list probably lacks, with their
    likelihood, even if another persona of the members lists the application. It omits them if the
    persona list is too short to learn from. Raises PersonaAccessError if nothing was built.
    """
    with asking(settings) as connection:
        week = choose_week(connection, None)
        found = select(
            connection, "marts.fct_persona_proposals", _PROPOSALS, "order by proposal_rank"
        )
        rows = [{**row, "likelihood": None} for row in found]
        learned = 0
        if is_learning:
            bank = read_bank(connection, week)
            rejected, history = _rejected(connection), _history(settings, connection, week)
            rows, learned = _with_likely_rows(rows, bank, rejected, history)
    return {"week": week, "proposals": rows, "n_learned_from": learned}


def find_proposal(settings: Settings, proposal_id: str) -> Record:
    """Find one proposal of the newest week. Raises PersonaAccessError if there is none."""
    # Learning takes time, and most proposals do not need it.
    for is_learning in (False, True):
        collected = proposals(settings, is_learning=is_learning)
        for proposal in collected["proposals"]:
            if proposal["proposal_id"] == proposal_id:
                return {**proposal, "week": collected["week"]}
    raise PersonaAccessError(
        f"The week {collected['week']} has no proposal '{proposal_id}': give an id from "
        "`persona-access mine`."
    )


def read_bank(connection: duckdb.DuckDBPyConnection, week: date) -> Bank:
    """Read the members of personas, the grants of people, and the applications of personas."""
    members = select(
        connection,
        "marts.fct_persona_assignments",
        ["brid", "persona_id"],
        _IN_WEEK,
        {"week": week},
    )
    # Leavers have no row there, and their access does not describe a persona.
    employed = {row["brid"] for row in members}
    grants = select(
        connection,
        "intermediate.int_grants",
        ["brid", "application_id", "concat_ws(' ', is_privileged, entitlement) as kind"],
        "where not is_key_bad and not_in_force_reason is null",
    )
    listed = select(
        connection,
        "marts.fct_persona_requirements",
        ["persona_id", "application_id"],
        f"{_IN_WEEK} and requirement <> 'prohibited'",
        {"week": week},
    )
    return make_bank(
        members=((row["brid"], row["persona_id"]) for row in members if row["persona_id"]),
        grants=(
            (row["brid"], row["application_id"], row["kind"])
            for row in grants
            if row["brid"] in employed
        ),
        listed=((row["persona_id"], row["application_id"]) for row in listed),
        persona_names=_names(connection, "persona"),
        application_names=_names(connection, "application"),
    )


def _names(connection: duckdb.DuckDBPyConnection, kind: str) -> dict[str, str]:
    rows = select(connection, f"marts.dim_{kind}s", [f"{kind}_id as id", f"{kind}_name as name"])
    return {row["id"]: row["name"] or "" for row in rows}


def _rejected(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    rows = select(
        connection,
        "staging.stg_decisions__proposal_rejections",
        ["proposal_id", "max(support) as support"],
        "where is_in_force group by proposal_id",
    )
    return {row["proposal_id"]: float(row["support"]) for row in rows}


def _history(
    settings: Settings, connection: duckdb.DuckDBPyConnection, week: date
) -> dict[tuple[str, str], Record]:
    """Return the lift of unlisted pairs, and in how many of the last weeks half held them."""
    days = 7 * int(project_vars(settings)["persona_stability_weeks"])
    rows = ask(
        connection,
        statement(__package__, "unlisted_pairs"),
        {"week": week, "days": days},
    )
    return {(row["persona_id"], row["application_id"]): row for row in rows}


def _with_likely_rows(
    rows: list[Record],
    bank: Bank,
    rejected: dict[str, float],
    history: dict[tuple[str, str], Record],
) -> tuple[list[Record], int]:
    try:
        scores = likely_rows.score(bank)
    except ValueError:
        return rows, 0
    holders = (bank.members.T @ bank.held).toarray()
    sizes = bank.members.sum(axis=0)
    by_id = {row["proposal_id"]: row for row in rows}
    added = []
    for persona, application, likelihood, is_listed, is_likely in zip(
        scores.persona,
        scores.application,
        scores.likelihood,
        scores.is_listed,
        scores.likely(),
        strict=True,
    ):
        names = (bank.personas[persona], bank.applications[application])
        proposal_id = f"add:{names[0]}:{names[1]}"
        if proposal_id in by_id:
            by_id[proposal_id]["likelihood"] = round(float(likelihood), 3)
            continue
        n_members, n_holders = int(sizes[persona]), int(holders[persona, application])
        support = n_holders / n_members
        past = history.get(names, {})
        if is_listed or not is_likely or support <= rejected.get(proposal_id, -1):
            continue
        added.append(
            {
                **dict.fromkeys(_PROPOSALS),
                "proposal_id": proposal_id,
                "proposal_kind": "add",
                "persona_id": names[0],
                "application_ids": names[1],
                "n_members": n_members,
                "support": round(support, 6),
                "lift": past.get("lift"),
                "n_weeks": past.get("n_weeks"),
                "n_settled": 0,
                "n_blessed": n_members - n_holders,
                "likelihood": round(float(likelihood), 3),
            }
        )
    added.sort(key=lambda row: (-row["likelihood"], row["proposal_id"]))
    return rows + added, int(scores.is_listed.sum())


def rules_of(settings: Settings, proposal: Record) -> list[Record]:
    """List the sources from which the people of a merge or split get their persona.

    Each row is a persona and source: `n_people` are affected, of `n_decided`. The persona with
    most people comes first.
    """
    if proposal["proposal_kind"] not in ("merge", "split"):
        return []
    with asking(settings) as connection:
        return ask(
            connection,
            statement(__package__, "rules_of_proposal"),
            {
                "week": proposal["week"],
                "persona": proposal["persona_id"],
                "other_persona": proposal["other_persona_id"],
                "cost_center": proposal["cost_center"],
            },
        )


def make_proposal_patch(proposal: Record, author: str, sources: Sequence[Record] = ()) -> Patch:
    """Create the decisions that a proposal requires; `sources` is the result of `rules_of`.

    In a merge, the persona with more people stays. Raises PersonaAccessError for a merge if people
    get their persona from anything but a rule without conditions.
    """
    kind, week = proposal["proposal_kind"], proposal["week"]
    shared = {"valid_from": week.isoformat(), "rationale": harmless(_said(proposal, author))}
    if kind in ("add", "drop"):
        row = {
            "persona_id": proposal["persona_id"],
            "application_id": proposal["application_ids"],
            "requirement": "optional" if kind == "add" else "none",
            "requested_by": author,
        }
        return _patch(proposal, author, "persona_list_amendments", [{**row, **shared}])
    if kind == "merge":
        stays, goes = _merged(proposal, sources)
        leaving = [source for source in sources if source["persona_id"] == goes]
        if not leaving or not all(map(_is_plain_rule, leaving)):
            raise PersonaAccessError(
                f"The proposal {proposal['proposal_id']} cannot be made by simple rules: ask "
                f"the owners to assign {stays} to the people of {goes}, where these get their "
                "persona."
            )
        return _rules_patch(proposal, author, leaving, {"persona_id": stays, **shared})
    if (
        kind == "split"
        and sources
        and all(
            _is_plain_rule(source) and source["n_people"] == source["n_decided"]
            for source in sources
        )
    ):
        # A rule for this unit only: a second rule for the same unit would tie with it.
        changed = {"persona_id": _new_persona(proposal), **shared}
        return _rules_patch(proposal, author, sources, changed)
    row = {
        "rule_id": f"R-{_new_persona(proposal)}".upper(),
        "rule_version": "1",
        "effect": "assign",
        "management_level": proposal["management_level"] or "*",
        "cost_center": proposal["cost_center"],
        "persona_id": _new_persona(proposal),
        "is_null_matched": "false",
        "author": author,
    }
    return _patch(proposal, author, "mapping_rules", [{**row, **shared}])


def _merged(proposal: Record, sources: Sequence[Record]) -> tuple[str, str]:
    """Return the persona that stays, the one with more people, and the one that goes."""
    both = (proposal["persona_id"], proposal["other_persona_id"])
    stays = sources[0]["persona_id"] if sources else both[0]
    return stays, both[1] if stays == both[0] else both[0]


def _is_plain_rule(source: Record) -> bool:
    return source["rule_id"] is not None and source["conditions"] is None


def _rules_patch(
    proposal: Record, author: str, sources: Sequence[Record], changed: dict[str, str]
) -> Patch:
    """Create the next version of each rule from which people get their persona."""
    patch = _patch(proposal, author, "mapping_rules", [{**changed, "author": author}])
    ended = tuple((source["rule_id"], str(source["rule_version"])) for source in sources)
    return replace(patch, ended=ended)


def make_rejection(proposal: Record, author: str, reason: str) -> Patch:
    """Create the row that rejects a proposal until its support grows."""
    row = {
        "proposal_id": proposal["proposal_id"],
        "support": f"{proposal['support']:.6f}",
        "valid_from": proposal["week"].isoformat(),
        "requested_by": author,
        "rationale": harmless(reason),
    }
    patch = _patch(proposal, author, "proposal_rejections", [row])
    nothing = {"n_findings": 0, "n_ending": 0, "n_opening": 0}
    about = {"cause_id": f"rejected:{proposal['proposal_id']}", **nothing}
    return replace(patch, cause={**patch.cause, **about})


def write_list_rows(
    settings: Settings, proposal: Record, sources: Sequence[Record] = ()
) -> Path | None:
    """Write rows in the format of the persona list, for its owner; none if the list is unchanged.

    A new persona has its id as name until somebody names it. A persona that is split off gets the
    applications that only its people hold, and those that the old persona requires of all. A
    persona that absorbs another gets the applications that only the other lists.
    """
    kind = proposal["proposal_kind"]
    most_share = float(project_vars(settings)["persona_most_share"])
    with asking(settings) as connection:
        names = _names(connection, "persona") | _names(connection, "application")
        if kind == "merge":
            persona, goes = _merged(proposal, sources)
            asked = _listed(connection, proposal, goes)
            for application in _listed(connection, proposal, persona):
                asked.pop(application, None)
        elif kind == "drop":
            return None
        else:
            persona = proposal["persona_id"] if kind == "add" else _new_persona(proposal)
            asked = dict.fromkeys(proposal["application_ids"].split(" | "), "optional")
        if kind == "split":
            asked |= _listed(connection, proposal, proposal["persona_id"])
            for application in _foreign(connection, proposal, most_share):
                asked.pop(application, None)
    if not asked:
        return None
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(
        ("persona_id", "persona_name", "application_id", "application_name", "requirement")
    )
    for application, requirement in sorted(asked.items()):
        called = (
            harmless(names.get(persona) or persona), application,
            harmless(names.get(application) or ""),
        )  # fmt: skip
        writer.writerow((persona, *called, requirement))
    file = settings.seeds / FOLDER / f"persona_list_{persona}.csv"
    write_atomically(file, written.getvalue())
    return file


def _listed(
    connection: duckdb.DuckDBPyConnection, proposal: Record, persona: str
) -> dict[str, str]:
    rows = select(
        connection,
        "marts.fct_persona_requirements",
        ["application_id", "requirement"],
        f"{_IN_WEEK} and persona_id = $persona",
        {"week": proposal["week"], "persona": persona},
    )
    return {row["application_id"]: row["requirement"] for row in rows}


def _foreign(
    connection: duckdb.DuckDBPyConnection, proposal: Record, most_share: float
) -> list[str]:
    """List applications of a persona that almost nobody in the split-off unit holds."""
    rows = select(
        connection,
        "intermediate.int_persona_unit_holders",
        ["application_id"],
        "where persona_id = $persona and cost_center = $cost_center and requirement is not null "
        "and n_holders <= n_members * (1 - $most_share)",
        {
            "persona": proposal["persona_id"],
            "cost_center": proposal["cost_center"],
            "most_share": most_share,
        },
    )
    return [row["application_id"] for row in rows]


def _new_persona(proposal: Record) -> str:
    parts = (proposal["persona_id"], proposal["management_level"], proposal["cost_center"])
    return "-".join(part.lower().replace(" ", "-") for part in parts if part)


def _said(proposal: Record, author: str) -> str:
    likely = proposal["likelihood"]
    return (
        f"Proposed by {author}: {proposal['proposal_id']}; support {proposal['support']:.0%} of "
        f"{counted(proposal['n_members'], 'person', 'people')}"
        + (f", likelihood {likely:.0%}." if likely is not None else ".")
    )


def _patch(proposal: Record, author: str, seed: str, rows: list[dict[str, str]]) -> Patch:
    """Return a patch for a proposal, with its evidence."""
    n_holders = round(proposal["n_members"] * (1 - float(proposal["support"])))
    about = {
        "cause_id": proposal["proposal_id"],
        "cause_title": proposal["proposal_id"],
        "evidence": f"support {proposal['support']:.0%} of {proposal['n_members']} people",
        "n_findings": proposal["n_settled"],
        "n_ending": proposal["n_settled"],
        "n_opening": n_holders if proposal["proposal_kind"] == "drop" else 0,
    }
    return Patch(about, proposal["week"], author, seed, rows)


def from_scratch(settings: Settings, *, only_unresolved: bool = False) -> Record:
    """Find a small set of roles that gives exactly the held access, with rules for their members.

    With `only_unresolved`, only for people without their own persona. Raises PersonaAccessError if
    nothing was built.
    """
    with asking(settings) as connection:
        week = choose_week(connection, None)
        people = _people(connection, week, only_unresolved=only_unresolved)
        held = select(
            connection,
            "marts.fct_access_reconciliation",
            ["brid", "application_id"],
            f"{_IN_WEEK} and is_granted",
            {"week": week},
        )
    brids = sorted(people)
    applications = sorted({row["application_id"] for row in held})
    number_of = {name: number for number, name in enumerate(brids)}
    place_of = {name: number for number, name in enumerate(applications)}
    pairs = sorted(
        {
            (number_of[row["brid"]], place_of[row["application_id"]])
            for row in held
            if row["brid"] in people
        }
    )
    found = decomposition.decompose(pairs)
    selections = Selections(people)
    return {
        "week": week,
        "n_people": len({person for person, _ in pairs}),
        "n_pairs": len(pairs),
        "lower_bound": found.lower_bound,
        "tradeoff": [
            {"n_roles": n_roles, "explained": round(explained, 4)}
            for n_roles, explained in decomposition.tradeoff(pairs, found.roles)
        ],
        "roles": [
            {
                "role": f"role-{number}",
                "n_people": len(role.people),
                "applications": " | ".join(applications[place] for place in role.applications),
                **_selected([brids[person] for person in role.people], selections),
                "people": [brids[person] for person in role.people],
            }
            for number, role in enumerate(found.roles, start=1)
        ],
    }


def _people(
    connection: duckdb.DuckDBPyConnection, week: date, *, only_unresolved: bool
) -> dict[str, dict[str, str | None]]:
    """Read the attributes of employed people: those that rules use, and all others of HR."""
    rows = select(
        connection,
        "marts.fct_persona_assignments",
        [
            "brid",
            "max(management_level) as management_level",
            "max(cost_center) as cost_center",
            "bool_or(assignment_method not in ('baseline', 'none')) as has_persona",
        ],
        f"{_IN_WEEK} group by brid",
        {"week": week},
    )
    others = {
        row["brid"]: row
        for row in select(
            connection, "marts.dim_employees", ["brid", *_MORE_ATTRIBUTES, "attributes"]
        )
    }
    people = {}
    for row in rows:
        if only_unresolved and row["has_persona"]:
            continue
        more = others.get(row["brid"], {})
        people[row["brid"]] = {
            "management_level": row["management_level"],
            "cost_center": row["cost_center"],
            **{name: more.get(name) for name in _MORE_ATTRIBUTES},
            **json.loads(more.get("attributes") or "{}"),
        }
    return people


def _selected(members: list[str], selections: Selections) -> Record:
    """Return the rule, and the attributes of any kind, that select the members best."""
    rule = selections.best(members, OF_RULES)
    any_of_hr = selections.best(members, selections.every)
    return {
        "management_level": rule["conditions"].get("management_level", "*"),
        "cost_center": rule["conditions"].get("cost_center"),
        "rule_coverage": rule["coverage"],
        "rule_precision": rule["precision"],
        "attributes": ", ".join(
            f"{name}={value}" for name, value in any_of_hr["conditions"].items()
        ),
        "attributes_coverage": any_of_hr["coverage"],
        "attributes_precision": any_of_hr["precision"],
    }
