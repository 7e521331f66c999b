"""The command `persona-access rollback`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson, Full, Masked, variants
from persona_access.commands.output import reporting


def rollback(
    because: Annotated[str, typer.Option(help="Reason, for the audit log.")],
    to: Annotated[
        str | None, typer.Option(help="Name of a release; default: the previous one.")
    ] = None,
    masked: Masked = False,
    full: Full = False,
    is_json: AsJson = False,
) -> None:
    """Make an earlier, unmodified release current again, also in the bucket."""
    from persona_access.audit.anchor import anchored
    from persona_access.outputs.publishing.rollback import roll_back_release

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        out.document["releases"] = []
        for is_masked in variants(settings, masked=masked, full=full):
            done = roll_back_release(settings, to, because, out, is_masked=is_masked)
            out.document["releases"].append(asdict(done))
