"""The command `persona-access evidence`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def evidence(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="As-of date of the week.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The zip file to write; default: evidence_<week>.zip in the home."),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Write the evidence of a week as one independently verifiable zip."""
    from persona_access.audit.anchor import anchored
    from persona_access.outputs.evidence.write import write_evidence

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as output, anchored(settings):
        pack = write_evidence(settings, week.date(), out, output)
        output.document = asdict(pack)
        n_files = counted(pack.n_files, "file")
        output.say(f"{pack.week}: evidence of {n_files}, {pack.n_bytes / 1e6:,.1f} MB")
        output.say(str(pack.file))
        if pack.public_key:
            output.say(
                f"Signed: {pack.file.name}.sig; the public key for the auditor is {pack.public_key}"
            )
        output.say(f"SHA-256 {pack.sha256}: record it where nobody can change it.")
