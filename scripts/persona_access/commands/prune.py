"""The command `persona-access prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, reporting

if TYPE_CHECKING:
    from persona_access.base.queries import Record
    from persona_access.weeks.prune import Pruning


def prune(
    keep_weeks: Annotated[
        int | None,
        typer.Option(help="Weeks to keep; default: the var retention_weeks.", show_default=False),
    ] = None,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="Remove the data; without this option, it is only shown.")
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Show weeks and files that the retention policy no longer keeps; --yes removes them."""
    from persona_access.audit.anchor import anchored
    from persona_access.weeks.prune import planned_pruning, served_too_long
    from persona_access.weeks.prune import prune as remove

    settings = load_settings()
    with (
        reporting(is_json=is_json, log_of=settings) as out,
        anchored(settings),
        planned_pruning(settings, keep_weeks, is_confirmed=is_confirmed) as pruning,
    ):
        out.document = {"removes": _records(pruning), "is_removed": False}
        _show(out, pruning)
        if served := served_too_long(settings, pruning):
            out.say(
                f"PostgreSQL still serves {served}, which is too old: run `persona-access "
                "serve` to replace it with the current release."
            )
        if is_confirmed:
            with out.work("remove"):
                remove(settings, pruning)
            out.document["is_removed"] = not pruning.is_empty
        _conclude(out, pruning, is_confirmed=is_confirmed)


def _conclude(out: Output, pruning: Pruning, *, is_confirmed: bool) -> None:
    if pruning.is_empty:
        out.say("Nothing is older than the retention period.")
        return
    if not is_confirmed:
        out.say("Nothing was removed; add --yes to remove this.")
        return
    out.say("Removed. The ledger keeps a record of each file, with load_status 'removed'.")
    if pruning.weeks and pruning.releases:
        out.say(
            "The current release is older than this removal: publish again, so that its "
            "history starts at the same week as the warehouse's."
        )


def _show(out: Output, pruning: Pruning) -> None:
    out.heading("What the retention policy no longer keeps")
    out.table(_records(pruning))
    out.say("Trends, open findings, and the history of rules and waivers are kept completely.")
    out.say("The current release and the previous one are always kept.")


def _records(pruning: Pruning) -> list[Record]:
    return [
        {
            "what": what,
            "number": len(items),
            "oldest": min(items, default=None),
            "newest": max(items, default=None),
            "kept from": kept,
        }
        for what, items, kept in (
            ("weeks of the warehouse", [str(w) for w in pruning.weeks], pruning.first_week),
            (
                "loads of the raw layer",
                [str(record.extract_date) for record in pruning.loads],
                pruning.first_files,
            ),
            (
                "files: archive, rejected, status changes, evidence",
                [file.name.split(".")[0][-10:] for file in pruning.files],
                pruning.first_files,
            ),
            (
                "releases",
                [folder.name for folder in pruning.release_folders],
                pruning.first_files,
            ),
        )
    ]
