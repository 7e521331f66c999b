"""The command `persona-access accounts`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.errors import SettingsError
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting, shown

_N_SHOWN = 50


def accounts(
    account: Annotated[
        str | None, typer.Argument(help="BRID of an account that HR does not know, as delivered.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(help="BRID of the owner among the candidates; writes the decision."),
    ] = None,
    author: Annotated[str | None, typer.Option(help="BRID of the person who proposes it.")] = None,
    is_written: Annotated[
        bool,
        typer.Option(
            "--write", help="Store the candidates, so that the next build adds them to the marts."
        ),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Show likely owners of accounts that HR does not know; write one as a patch for review."""
    from persona_access.questions import accounts as questions

    settings = load_settings()
    with reporting(is_json=is_json) as out:
        if owner is not None:
            if account is None or author is None:
                raise SettingsError(
                    "Name the account, and with --author the BRID of the person who proposes "
                    "the owner."
                )
            from persona_access.questions.causes.patch import write_patch

            patch = questions.make_owner_patch(settings, account, owner, author)
            file = write_patch(settings, patch)
            out.document = {"file": str(file), "seed": patch.seed, "rows": patch.rows}
            out.say(f"Patch of {patch.seed}.csv: {shown(settings, file)}")
            out.say("The rule is in force once somebody other than the owner has approved it.")
            return
        found = questions.candidates(settings)
        kept = questions.write_candidates(settings, found) if is_written else None
        rows = [
            row for row in found["candidates"] if account is None or row["account_brid"] == account
        ]
        out.document = {**found, "candidates": rows}
        named = len({row["account_brid"] for row in rows if row["is_suggested"]})
        out.heading(
            f"{found['week']}: {named:,} of {found['n_accounts']:,} accounts that HR does not "
            "know have a likely owner"
        )
        out.table(rows, limit=_N_SHOWN)
        if kept is not None:
            out.document["file"] = str(kept)
            out.say(f"Candidates kept: {shown(settings, kept)}")
            out.say("The next build shows them in marts.fct_account_candidates.")
