"""The command `persona-access apply`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, print_json, shown


def apply(
    cause: Annotated[str, typer.Argument(help="A cause of the newest week, by id or rank.")],
    author: Annotated[str, typer.Option(help="BRID of the person who proposes the change.")],
    is_proved: Annotated[
        bool, typer.Option("--prove", help="Replay the week with the patch and compare.")
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Write the patch of a cause to the decisions, without approval, for review."""
    from persona_access.base.queries import asking, choose_week
    from persona_access.questions.causes.find import find
    from persona_access.questions.causes.patch import make_patch, write_patch

    settings = load_settings()
    out = Output(is_json=is_json)
    with out.work("apply"):
        with asking(settings) as connection:
            week = choose_week(connection, None)
            found = find(connection, week, cause)
            patch = make_patch(connection, week, found, author)
        file = write_patch(settings, patch)
        proof = None
        if is_proved:
            from persona_access.questions.causes.prove import prove

            proof = prove(settings, patch, out)
    if is_json:
        print_json(
            {
                "cause": found,
                "file": str(file),
                "seed": patch.seed,
                "rows": patch.rows,
                **(proof or {}),
            }
        )
    else:
        out.say(f"{found['cause_title']}: {found['evidence']}.")
        out.say(
            f"Patch of {patch.seed}.csv, {counted(len(patch.rows), 'row')}: {shown(settings, file)}"
        )
        out.say(
            f"It ends {counted(found['n_ending'], 'finding')} and makes "
            f"{counted(found['n_opening'], 'new one')}. The rule is in force once somebody else "
            "has approved it."
        )
        if proof:
            out.say(
                f"Replayed: it ends {proof['replayed_ending']:,} and makes "
                f"{proof['replayed_opening']:,}."
            )
    if proof and (
        proof["replayed_ending"] != proof["predicted_ending"]
        or proof["replayed_opening"] != proof["predicted_opening"]
    ):
        raise PersonaAccessError(
            f"The replay of {week} differs from what cause {found['cause_id']} predicts; check "
            "`persona-access impact` before you propose the patch."
        )
