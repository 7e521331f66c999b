"""The command `persona-access mine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.errors import SettingsError
from persona_access.base.extras import extra
from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, reporting, shown

if TYPE_CHECKING:
    from persona_access.base.queries import Record
    from persona_access.base.settings import Settings
    from persona_access.questions.causes.patch import Patch

_N_SHOWN = 30


def mine(
    proposal: Annotated[
        str | None, typer.Argument(help="Id of a proposal to write as a patch.")
    ] = None,
    author: Annotated[
        str | None, typer.Option(help="BRID of the person who proposes or rejects it.")
    ] = None,
    reject: Annotated[
        str | None,
        typer.Option(help="Reject the proposal for this reason; it returns if its support grows."),
    ] = None,
    is_proved: Annotated[
        bool, typer.Option("--prove", help="Replay the week with the patch and compare.")
    ] = False,
    is_from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch", help="Find roles that give people exactly the access they hold."
        ),
    ] = False,
    is_unresolved_only: Annotated[
        bool,
        typer.Option("--unresolved", help="As --from-scratch, only for people without a persona."),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Show changes of personas that held access suggests; write one as a patch for review."""
    with extra("train", "Learning"):
        from persona_access.questions import mine as questions

    settings = load_settings()
    with reporting(is_json=is_json) as out:
        if is_from_scratch or is_unresolved_only:
            out.document = questions.from_scratch(settings, only_unresolved=is_unresolved_only)
            _show_roles(out, out.document)
        elif proposal is None:
            out.document = questions.proposals(settings)
            _show_proposals(out, out.document)
        elif author is None:
            raise SettingsError(
                "Add --author with the BRID of the person who proposes or rejects it."
            )
        else:
            _write(out, settings, proposal, author, reject, is_proved=is_proved)


def _write(
    out: Output,
    settings: Settings,
    proposal: str,
    author: str,
    reject: str | None,
    *,
    is_proved: bool,
) -> None:
    from persona_access.questions import mine as questions
    from persona_access.questions.causes.patch import write_patch
    from persona_access.questions.causes.prove import prove

    found = questions.find_proposal(settings, proposal)
    rows = None
    if reject is not None:
        patch: Patch = questions.make_rejection(found, author, reject)
    else:
        sources = questions.rules_of(settings, found)
        patch = questions.make_proposal_patch(found, author, sources)
        rows = questions.write_list_rows(settings, found, sources)
    file = write_patch(settings, patch)
    out.document = {"proposal": found, "file": str(file), "seed": patch.seed, "rows": patch.rows}
    out.say(
        f"Patch of {patch.seed}.csv, {counted(len(patch.rows), 'row')}: {shown(settings, file)}"
    )
    if rows:
        out.document["list_rows"] = str(rows)
        out.say(f"Rows for the owner of the persona list: {shown(settings, rows)}")
    out.say("The rule is in force once somebody else has approved it.")
    if is_proved and reject is None:
        proof = prove(settings, patch, out)
        out.document |= proof
        out.say(
            f"Replayed: it ends {counted(proof['replayed_ending'], 'finding')} and makes "
            f"{counted(proof['replayed_opening'], 'new one')}."
        )


def _show_proposals(out: Output, found: Record) -> None:
    n_proposals = counted(len(found["proposals"]), "proposed change")
    out.heading(f"{found['week']}: {n_proposals} of personas")
    out.table(
        [
            {
                "proposal": row["proposal_id"],
                "people": row["n_members"],
                "support": row["support"],
                "lift": row["lift"],
                "weeks": row["n_weeks"],
                "settles": row["n_settled"],
                "newly_allows": row["n_blessed"],
                "likelihood": row["likelihood"],
            }
            for row in found["proposals"]
        ],
        limit=_N_SHOWN,
    )
    if not found["n_learned_from"]:
        out.say("The persona list has too few rows to learn which rows are missing from it.")


def _show_roles(out: Output, found: Record) -> None:
    out.heading(
        f"{found['week']}: {counted(len(found['roles']), 'role')} for exactly the "
        f"{counted(found['n_pairs'], 'access', 'accesses')} of "
        f"{counted(found['n_people'], 'person', 'people')}; at least "
        f"{counted(found['lower_bound'], 'role')} needed"
    )
    columns = (
        "role",
        "n_people",
        "management_level",
        "cost_center",
        "rule_coverage",
        "rule_precision",
        "attributes",
        "attributes_coverage",
        "attributes_precision",
        "applications",
    )
    out.table([{name: role[name] for name in columns} for role in found["roles"]], limit=_N_SHOWN)
