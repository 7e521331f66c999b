"""The command `persona-access load`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from persona_access import __version__
from persona_access.base.errors import EXIT_OK, EXIT_SOME_REFUSED, PersonaAccessError, SettingsError
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def load(
    home: Annotated[
        Path | None,
        typer.Option(help="Folder of drop zone, raw layer and archive."),
    ] = None,
    drop_zone: Annotated[
        str | None,
        typer.Option(help="Folder or s3://, az://, gs:// address where files arrive."),
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Only create an empty raw layer that dbt can read.")
    ] = False,
    extract_date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Date for files whose feed mapping has `date: {from: flag}`."
        ),
    ] = None,
    allow_restatement: Annotated[
        bool,
        typer.Option(
            "--allow-restatement",
            help="Accept a file older than its feed's newest loaded extract, or content that a "
            "later version has replaced.",
        ),
    ] = False,
    leave_files: Annotated[
        bool | None,
        typer.Option(
            "--leave-files/--move-files",
            help="Leave files in the drop zone instead of moving them to archive and rejected.",
        ),
    ] = None,
    settle_seconds: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="A file that changes within this time counts as still being written.",
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Load the files of the drop zone into the raw layer.

    Each file <feed>_YYYY-MM-DD.csv, .csv.gz, .parquet, .xlsx or .ods is checked against its
    contract, then loaded or refused with a reason; single bad rows are quarantined.

    An option overrides its environment variable: PERSONA_ACCESS_HOME, PERSONA_ACCESS_DROP_ZONE,
    PERSONA_ACCESS_LEAVE_FILES, PERSONA_ACCESS_SETTLE_SECONDS. `persona-access settings` shows all.

    Exit codes: 0 everything is loaded, now or earlier; 4 everything else is loaded, but a file was
    refused, or a person must check something skipped in the drop zone (an unknown name, a link,
    two files of one date); 2 wrong usage or settings; 3 environment error (disk full, folder not
    writable, another load running).
    """
    # Imported here so that other commands do not wait for DuckDB and Arrow.
    from persona_access.audit import check_log, record_load
    from persona_access.audit.anchor import anchored
    from persona_access.base.files import refuse_without_temporary_folder
    from persona_access.base.targets import claim_home
    from persona_access.base.week_build import complete_weeks, incomplete_weeks
    from persona_access.loader.loading import init_raw_layer, load_drop_zone
    from persona_access.loader.report import LoadReport

    settings = load_settings(
        home=home, drop_zone=drop_zone, settle_seconds=settle_seconds, leave_files=leave_files
    )
    claim_home(settings.home, settings.target)
    refuse_without_temporary_folder()
    check_log(settings)
    with reporting(is_json=is_json, log_of=settings) as out, anchored(settings):
        report = LoadReport(out)
        out.document = {
            "loader_version": __version__,
            "drop_zone": str(settings.main_zone),
            "raw_layer": str(settings.raw),
        }
        if init:
            init_raw_layer(settings)
            out.say(f"The raw layer is ready at {settings.raw}.")
            return
        try:
            load_drop_zone(
                settings,
                report,
                allow_restatement=allow_restatement,
                extract_date=extract_date.date() if extract_date else None,
            )
        except PersonaAccessError:
            if report.outcomes:
                report.conclude(settings)
            raise
        else:
            report.conclude(settings)
        finally:
            out.document["counts"] = report.counts
            out.document["files"] = [asdict(found) for found in report.outcomes]
        record_load(settings)
        # A wrong var stops builds, but not loads.
        with suppress(SettingsError):
            weeks = complete_weeks(settings)
            lone = incomplete_weeks(settings, since=weeks[-1] if weeks else None)
            out.document["incomplete_weeks"] = [asdict(found) for found in lone]
            for found in lone:
                out.say(str(found))
        out.exit_code = EXIT_SOME_REFUSED if report.is_fault else EXIT_OK
