"""Find likely owners of accounts that HR does not know, and write one as a decision for review."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb

from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import write_atomically
from persona_access.base.printable import harmless
from persona_access.base.project_check import header_of_seed
from persona_access.base.queries import Record, ask, asking, choose_week, select
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.learning.accounts.match import Account, Matcher, Person
from persona_access.questions.causes.patch import Patch

# From this probability on, a candidate is suggested: on invented banks with messy names, at least
# 19 of 20 suggestions are right. docs/personas.md has the figures.
SUGGESTED_FROM = 0.85
_SHOWN = 3


def candidates(settings: Settings) -> Record:
    """List the orphan accounts of the newest week with their possible owners.

    `candidates` has a row for each account and person: probability from 0 to 1, the fields that
    agree, and whether it is suggested. `accounts` counts the orphan accounts. Raises
    PersonaAccessError if nothing was built.
    """
    with asking(settings) as connection:
        week = choose_week(connection, None)
        orphans = select(
            connection,
            "marts.fct_access_reconciliation",
            [
                "brid",
                "max(orphan_detail) as orphan_detail",
                "count(*) as n_applications",
                "list(application_id order by application_id) as applications",
            ],
            "where as_of_date = $week and reconciliation_reason = 'orphan_account' group by brid",
            {"week": week},
        )
        matcher, accounts = _matcher(connection)
        owners = _application_owners(connection)
    rows: list[Record] = []
    for orphan in sorted(orphans, key=lambda row: row["brid"]):
        if orphan["orphan_detail"] == "non_human_unregistered":
            rows += _service_owners(orphan, owners)
        else:
            rows += _people(orphan, accounts.get(orphan["brid"], []), matcher)
    return {"week": week, "n_accounts": len(orphans), "candidates": rows}


def _people(orphan: Record, accounts: list[Account], matcher: Matcher) -> list[Record]:
    """Match each account, and the delivered BRID itself; the most probable match counts."""
    best: dict[str, Record] = {}
    dates = [account.granted_date for account in accounts if account.granted_date]
    asked = [*accounts, Account(orphan["brid"], min(dates, default=None))]
    for account in asked:
        for found in matcher.candidates(account):
            before = best.get(found.brid)
            if found.brid != orphan["brid"] and (
                before is None or found.probability > before["probability"]
            ):
                best[found.brid] = _row(
                    orphan, found.brid, found.probability, found.agreeing, account.account_id
                )
    ranked = sorted(best.values(), key=lambda row: (-row["probability"], row["brid"]))
    # If several accounts share a delivered BRID, two different people can both be likely.
    if len(ranked) > 1 and ranked[1]["probability"] >= SUGGESTED_FROM:
        for row in ranked:
            row["is_suggested"] = False
    return ranked[:_SHOWN]


def _service_owners(orphan: Record, owners: dict[str, str]) -> list[Record]:
    """Return the owners of the applications of a service account: they know its purpose."""
    held: dict[str, int] = defaultdict(int)
    for application in orphan["applications"]:
        if application in owners:
            held[owners[application]] += 1
    return [
        # The owner of the application is asked, but does not own the account.
        {**_row(orphan, brid, n / orphan["n_applications"], ("application_owner",), orphan["brid"])}
        | {"is_suggested": False, "probability": None}
        for brid, n in sorted(held.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    ]


def _row(
    orphan: Record, brid: str, probability: float, agreeing: tuple[str, ...], account_id: str
) -> Record:
    return {
        "account_brid": orphan["brid"],
        "account_id": account_id,
        "orphan_detail": orphan["orphan_detail"],
        "n_applications": orphan["n_applications"],
        "brid": brid,
        "probability": round(probability, 4),
        "agreeing_fields": " | ".join(agreeing),
        "is_suggested": probability >= SUGGESTED_FROM,
    }


def _matcher(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[Matcher, dict[str, list[Account]]]:
    people = [
        Person(
            row["brid"],
            row["full_name"] or "",
            row["work_email"] or "",
            _day(row["hire_date"]),
            _day(row["termination_date"]),
            # Accounts can keep a person's earlier surname.
            tuple(sorted(set(row["full_names"] or ()) - {row["full_name"], None, ""})),
        )
        for row in ask(connection, statement(__package__, "account_people"))
    ]
    known, unknown = [], defaultdict(list)
    for row in ask(connection, statement(__package__, "account_grants")):
        if row["is_known"]:
            known.append(Account(row["account_id"], row["granted_date"], row["brid"]))
        else:
            unknown[row["brid"]].append(Account(row["account_id"], row["granted_date"]))
    return Matcher(people, known), unknown


def _application_owners(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = select(
        connection,
        "marts.dim_applications",
        ["application_id", "owner_brid"],
        "where owner_brid is not null",
    )
    return {row["application_id"]: row["owner_brid"] for row in rows}


def _day(value: Any) -> date | None:
    """Read a delivered date; ignore anything but an ISO date."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def write_candidates(settings: Settings, found: Record) -> Path:
    """Write candidates to the seed that the mart `fct_account_candidates` reads; return the file.

    The file is replaced completely, so candidates that are no longer found also leave the mart.
    """
    header = header_of_seed(settings, "account_candidates")
    written = StringIO(header)
    written.seek(0, 2)
    columns = header.strip().split(",")
    writer = csv.DictWriter(written, columns, extrasaction="ignore", lineterminator="\n")
    for row in found["candidates"]:
        writer.writerow(
            {
                **row,
                # Accounts are named by feeds, and people open the file in a spreadsheet.
                "account_id": harmless(row["account_id"]),
                "found_date": found["week"],
                "candidate_brid": row["brid"],
                "is_suggested": str(row["is_suggested"]).lower(),
            }
        )
    file = settings.seeds / "account_candidates.csv"
    write_atomically(file, written.getvalue())
    return file


def make_owner_patch(settings: Settings, account_brid: str, owner: str, author: str) -> Patch:
    """Create the decision that makes a candidate the owner once somebody else approves it.

    Raises PersonaAccessError if the week has no such orphan account or candidate.
    """
    found = candidates(settings)
    of_account = [row for row in found["candidates"] if row["account_brid"] == account_brid]
    row = next((one for one in of_account if one["brid"] == owner), None)
    if row is None:
        raise PersonaAccessError(
            f"{owner} is not a candidate for an account '{account_brid}' in the week "
            f"{found['week']}: choose a candidate from `persona-access accounts`."
        )
    likely = row["probability"]
    said = f"agrees in {row['agreeing_fields'].replace('_', ' ')}" + (
        f", probability {likely:.0%}" if likely is not None else ""
    )
    reason = harmless(f"Proposed by {author}: {row['account_id']} {said}.")
    shared = {"valid_from": found["week"].isoformat(), "rationale": reason}
    if row["orphan_detail"] == "non_human_unregistered":
        # A service account keeps its own access; it only gets a responsible person.
        seed = "non_human_accounts"
        decision = {"brid": account_brid, "owner_brid": owner, **shared}
    else:
        seed = "account_owners"
        decision = {
            "account_brid": account_brid,
            "owner_brid": owner,
            "requested_by": author,
            **shared,
        }
    about = {
        "cause_id": f"account_owner:{account_brid}",
        "cause_title": f"{account_brid} belongs to {owner}",
        "evidence": said,
        "n_findings": row["n_applications"],
        "n_ending": row["n_applications"],
        "n_opening": 0,
    }
    return Patch(about, found["week"], author, seed, [decision])
