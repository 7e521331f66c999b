"""The commands `persona-access audit verify`, `audit repair` and `audit anchor`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.errors import PersonaAccessError
from persona_access.base.printable import counted
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting

audit = typer.Typer(no_args_is_help=True, help="The record of every load, build and publication.")


@audit.command("verify")
def run_verify(
    anchor: Annotated[
        Path | None,
        typer.Option(help="A file that `audit anchor` wrote; detects removed entries at the end."),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Find every changed, removed, added or reordered entry, and every changed file of an entry."""
    from persona_access.audit.record import log_file
    from persona_access.audit.verify import verify

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out:
        with out.work("audit verify"):
            verdict = verify(settings, anchor)
        out.document = asdict(verdict)
        for fault in verdict.faults:
            out.warn(fault)
        if not verdict.n_entries:
            raise PersonaAccessError(
                f"There is no audit log at {log_file(settings)}, so nothing proves what is "
                "here: set PERSONA_ACCESS_HOME to the folder that has one, or restore it from a "
                "backup."
            )
        if verdict.faults:
            raise PersonaAccessError(
                f"The audit log is intact, but it does not match {len(verdict.faults)} of its "
                "files: restore them from a backup, and find out who changed them."
            )
        out.say(
            f"Unchanged: {counted(verdict.n_entries, 'entry', 'entries')} and "
            f"{counted(verdict.n_files, 'file')}; the head is {verdict.head}."
        )


@audit.command("repair")
def run_repair(is_json: AsJson = False) -> None:
    """Remove a last entry that a power failure left half written, and record the removal."""
    import hashlib

    from persona_access.audit.anchor import anchored
    from persona_access.audit.chain import Chain
    from persona_access.audit.record import log_file, record

    settings = load_settings()
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        removed = Chain(log_file(settings)).repair()
        out.document = {"n_bytes_removed": len(removed)}
        if not removed:
            out.say("The last entry of the audit log is complete, so nothing was repaired.")
            return
        what = {
            "n_bytes_removed": len(removed),
            "removed": removed[:1000].decode("ascii", "backslashreplace"),
            "sha256": hashlib.sha256(removed).hexdigest(),
        }
        entry = record(settings, "repair", what)
        out.say(
            f"Removed {counted(len(removed), 'byte')} of a half-written entry; entry "
            f"{entry.sequence} records them. The next `load` and `build` record what the "
            "interrupted command did."
        )


@audit.command("anchor")
def run_anchor(
    to: Annotated[
        Path,
        typer.Option(help="File to write, in a place that users of this machine cannot change."),
    ],
    is_json: AsJson = False,
) -> None:
    """Write the head of the log to a file elsewhere, after verifying its chain."""
    from persona_access.audit.verify import write_anchor

    with reporting(is_json=is_json) as out:
        head = write_anchor(load_settings(), to)
        out.document = {"sequence": head.sequence, "hash": head.hash, "file": to}
        out.say(f"Entry {head.sequence}, {head.hash}, is anchored in {to}.")
