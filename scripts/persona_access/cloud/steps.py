"""The three steps of the weekly run in the cloud: what the commands do, with buckets around it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from persona_access.audit.verify import write_anchor
from persona_access.cloud.buckets import fetch, open_bucket, send, send_release
from persona_access.errors import EXIT_OK, PersonaAccessError, SettingsError
from persona_access.settings import Settings, load_settings

# Longer than a month of weekly deliveries: what failed is tried again until somebody mends it.
_MAX_AGE = timedelta(days=35)


def main(arguments: list[str]) -> int:
    """Run one step; returns the exit code of the command line."""
    try:
        if len(arguments) != 1 or arguments[0] not in STEPS:
            raise SettingsError(f"Name one step: {', '.join(STEPS)}.")
        settings = load_settings()
        code = STEPS[arguments[0]](settings, os.environ)
        _anchor(settings, os.environ)
    except PersonaAccessError as error:
        typer.echo(f"persona-access: {error}", err=True)
        return error.exit_code
    return code


def _load(settings: Settings, environ: Mapping[str, str]) -> int:
    from persona_access.loader.command import load

    names = fetch(open_bucket("PERSONA_ACCESS_DROP_URL", environ), settings.drop_zone, _MAX_AGE)
    typer.echo(f"{len(names)} files of the last {_MAX_AGE.days} days fetched.")
    try:
        # Whole objects were fetched: nobody is still writing them. The bucket keeps the originals.
        load(settle_seconds=0, leave_files=True)
    except typer.Exit as end:
        return end.exit_code
    return EXIT_OK


def _build(settings: Settings, _: Mapping[str, str]) -> int:
    from persona_access.history.command import run_build

    run_build(settings)
    return EXIT_OK


def _publish(settings: Settings, environ: Mapping[str, str]) -> int:
    from persona_access.publish.command import run_publish
    from persona_access.publish.release import Releases

    bucket = open_bucket("PERSONA_ACCESS_PUBLISH_URL", environ)
    for variant, root in (("full", settings.published), ("masked", settings.published_masked)):
        run_publish(settings, [], is_masked=variant == "masked")
        release = Releases(root).current.resolve()
        n_files = send_release(bucket, release, variant)
        typer.echo(f"{variant}: {n_files} files of {release.name} sent.")
    return EXIT_OK


def _anchor(settings: Settings, environ: Mapping[str, str]) -> None:
    """Put the head of the audit log where nobody can change it."""
    bucket = open_bucket("PERSONA_ACCESS_ANCHOR_URL", environ)
    with TemporaryDirectory() as folder:
        anchor = Path(folder) / "anchor.json"
        head = write_anchor(settings, anchor)
        send(bucket, anchor, f"{head.sequence:08d}_{head.hash}.json")


STEPS = {"load": _load, "build": _build, "publish": _publish}
