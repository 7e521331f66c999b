"""The `publish` command: audit the week, write a release beside the old one, put it in force."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import typer

from persona_access.audit import record_release
from persona_access.base.content_hash import ContentHash
from persona_access.base.dbt import DbtProject, one_line
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.settings import Settings
from persona_access.base.warehouse import reading
from persona_access.outputs.release.catalogue import Catalogue, Mart, published_marts
from persona_access.outputs.release.export import export_mart
from persona_access.outputs.release.gate import WeekBuild, check_week
from persona_access.outputs.release.manifest import write_manifest
from persona_access.outputs.release.masking import MaskingKey, mask_marts
from persona_access.outputs.release.producers import POSTGRES, PRODUCERS, TABLEAU, Write
from persona_access.outputs.release.release import Releases


@dataclass(frozen=True)
class Published:
    """The marts that went out, with what each holds, and the build that they come from."""

    build: WeekBuild
    marts: dict[str, Mart]
    contents: dict[str, ContentHash]


def run_publish(
    settings: Settings,
    artefacts: Sequence[str],
    *,
    is_masked: bool,
    is_uploaded: bool = False,
    is_served: bool = False,
) -> None:
    """Publish the newest week, and upload it to Tableau or serve it in PostgreSQL if asked.

    `artefacts` names what to make of the marts; empty means all that is installed. Raises
    PersonaAccessError, with the release in force untouched, when the week may not go out.
    """
    started = time.monotonic()
    serve = _server(is_masked=is_masked) if is_served else None
    key = MaskingKey.from_settings(settings) if is_masked else None
    upload = _uploader(settings) if is_uploaded else None
    releases = Releases(settings.published_masked if key else settings.published)
    writers = _writers([*artefacts, TABLEAU] if artefacts and is_uploaded else artefacts, releases)
    with releases.alone():
        try:
            published = _publish(settings, releases, writers, key)
        except (PersonaAccessError, OSError, duckdb.IOException) as error:
            in_force = releases.in_force
            stays = f"the release {in_force} stays in force" if in_force else "there is no release"
            typer.echo(f"Nothing was published; {stays}.", err=True)
            if isinstance(error, duckdb.IOException):
                raise MachineError(
                    f"The marts could not be written: {one_line(str(error))}. See that the disk "
                    "has space, and publish again."
                ) from error
            raise
        place = releases.folder(str(releases.in_force))
    n_rows = sum(content.n_rows for content in published.contents.values())
    n_bytes = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    typer.echo(
        f"{published.build.as_of_date}: published {len(published.marts)} marts ({n_rows:,} rows)"
        f"{''.join(f', {name}' for name in writers)}{', masked' if key else ''}; "
        f"{n_bytes / 1e6:,.1f} MB, {time.monotonic() - started:.1f} s\n{place}"
    )
    if upload:
        names = upload(place / TABLEAU, is_masked=is_masked)
        typer.echo(f"Tableau has {', '.join(names)}.")
    if serve:
        serve(settings, place)


def run_serve(settings: Settings) -> None:
    """Load the release in force into PostgreSQL, as after a rollback or a change of logins.

    Raises PersonaAccessError when there is none.
    """
    serve = _server(is_masked=False)
    releases = Releases(settings.published)
    if releases.in_force is None:
        raise PersonaAccessError("There is no release to serve: run `persona-access publish`.")
    with releases.alone():
        serve(settings, releases.folder(releases.in_force))


def _publish(
    settings: Settings, releases: Releases, writers: dict[str, Write], key: MaskingKey | None
) -> Published:
    """Write, audit and put in force one release."""
    marts = published_marts(DbtProject(settings).manifest)
    with _unmasked_folder(settings) as unmasked:
        # The warehouse is held for the audit and the copy alone: no build waits for the rest.
        with reading(settings.warehouse) as connection:
            build = check_week(connection, marts.values())
            contents = {
                mart.name: export_mart(connection, mart, build.as_of_date, unmasked)
                for mart in marts.values()
            }
        on_record = partial(record_release, settings)
        with releases.new(build.as_of_date, settings.keep_releases, on_record) as release:
            folder = release / "marts"
            if key:
                folder.mkdir()
                contents = mask_marts(marts, unmasked, folder, key, settings.memory_limit)
            else:
                shutil.move(unmasked, folder)
            Catalogue(build.as_of_date, marts).write(folder)
            for name, write in writers.items():
                (release / name).mkdir()
                write(folder, release / name)
            write_manifest(
                release,
                build=build,
                masking_key=key.fingerprint if key else None,
                marts=marts,
                contents=contents,
            )
    return Published(build, marts, contents)


@contextmanager
def _unmasked_folder(settings: Settings) -> Iterator[Path]:
    """Give a folder for marts that nobody but this user can read, also while they are masked."""
    folder = settings.home / ".publishing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    marts = folder / "marts"
    marts.mkdir()
    try:
        yield marts
    finally:
        shutil.rmtree(folder)


def _uploader(settings: Settings) -> Callable[..., list[str]]:
    """Make ready to upload, before anything is written.

    Raises SettingsError when Tableau's extra or its settings are missing.
    """
    {producer.name: producer for producer in PRODUCERS}[TABLEAU].load()
    from persona_access.outputs.tableau.upload import TableauServer

    return TableauServer.from_settings(settings).upload


def _server(*, is_masked: bool) -> Callable[[Settings, Path], None]:
    """Make ready to serve, before anything is written.

    Raises SettingsError when the extra is missing, or the server would not be verified.
    """
    if is_masked:
        raise SettingsError(
            "A masked release cannot be served: PostgreSQL tells readers apart by BRID. Leave out "
            "--masked; who may see no names gets none there."
        )
    serve: Callable[[Settings, Path], None] = POSTGRES.load()
    from persona_access.outputs.postgres.connect import secured

    secured(os.environ)
    return serve


def _writers(artefacts: Sequence[str], releases: Releases) -> dict[str, Write]:
    """Find what writes the artefacts.

    Raises SettingsError for an unknown name or a missing extra; an extra that nobody asked for by
    name is only missed in words.
    """
    known = {producer.name: producer for producer in PRODUCERS}
    if unknown := [name for name in artefacts if name not in known]:
        raise SettingsError(
            f"Nothing called '{unknown[0]}' can be published; there are: {', '.join(known)}."
        )
    writers: dict[str, Write] = {}
    for name in dict.fromkeys(artefacts or known):
        try:
            write = known[name].load()
        except SettingsError as error:
            if artefacts:
                raise
            typer.echo(f"Left out: {error}", err=True)
        else:
            last = {"last": releases.newest_with(name)} if known[name].looks_back else {}
            writers[name] = partial(write, **last)
    return writers
