"""Publish a week: audit it, write a release beside the old one, make it current, send it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from persona_access.audit import record_release
from persona_access.audit.mart_hashes import recorded_contents, refuse_changed_marts
from persona_access.base.content_hash import ContentHash
from persona_access.base.dbt import one_line
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.files import empty_folder
from persona_access.base.printable import counted
from persona_access.base.report import SILENT, Reporter, Work
from persona_access.base.settings import Settings
from persona_access.base.warehouse import in_little_memory, reading
from persona_access.outputs.publishing.destinations import (
    bucket,
    postgres_server,
    send,
    tableau_server,
)
from persona_access.outputs.publishing.producers import PRODUCERS, TABLEAU, Write
from persona_access.outputs.release.catalogue import Catalogue, Mart
from persona_access.outputs.release.declared import declared_marts
from persona_access.outputs.release.export import (
    export_mart,
    of_this_version,
    rows_to_publish,
)
from persona_access.outputs.release.gate import WeekBuild, check_week
from persona_access.outputs.release.manifest import write_manifest
from persona_access.outputs.release.masking import MaskingKey, mask_marts
from persona_access.outputs.release.release import Releases, releases_of
from persona_access.outputs.release.reuse import (
    earlier_marts,
    fingerprint,
    share_equal_files,
    take_over,
)

_MEMORY_LIMIT = "450MB"
_LOOKING_BACK = [producer.name for producer in PRODUCERS if producer.looks_back]


@dataclass(frozen=True)
class Request:
    """What to publish: artefacts by name (empty: all installed ones), and the variants.

    `is_masked` has a truth value for each variant. The servers get the release only on request.
    """

    artefacts: Sequence[str] = ()
    is_masked: Sequence[bool] = (False,)
    to_tableau: bool = False
    to_postgres: bool = False


@dataclass(frozen=True)
class Contents:
    """The published marts, their contents, and the build that they come from."""

    build: WeekBuild
    marts: dict[str, Mart]
    contents: dict[str, ContentHash]


@dataclass(frozen=True)
class Published:
    """A release that is current; sizes in bytes, times in seconds."""

    as_of_date: date
    release: str
    place: Path
    is_masked: bool
    n_marts: int
    n_rows: int
    artefacts: list[str]
    n_bytes: int
    seconds: float

    @property
    def sentence(self) -> str:
        """Report what was published."""
        masked = ", masked" if self.is_masked else ""
        return (
            f"{self.as_of_date}: published {counted(self.n_marts, 'mart')} "
            f"({counted(self.n_rows, 'row')})"
            f"{''.join(f', {name}' for name in self.artefacts)}{masked}; "
            f"{self.n_bytes / 1e6:,.1f} MB, {self.seconds:.1f} s"
        )


def publish(settings: Settings, request: Request, report: Reporter = SILENT) -> Iterator[Published]:
    """Publish the newest week, and send it to every requested or configured destination.

    Yields each variant when its release is current, and sends it after that. Raises
    PersonaAccessError, and keeps the current release, if the week fails the audit.
    """
    # Every error of a destination's settings is found before anything is written.
    destinations = bucket(settings)
    if request.to_tableau:
        destinations.append(tableau_server(settings))
    if request.to_postgres:
        destinations.append(postgres_server(settings, request.is_masked))
    keys = [MaskingKey.from_settings(settings) if m else None for m in request.is_masked]
    for key in keys:
        is_masked = key is not None
        releases = releases_of(settings, is_masked=is_masked)
        published = _publish_variant(settings, releases, request, key, report)
        report.say(published.sentence)
        report.say(str(published.place))
        yield published
        send(releases, destinations, report, is_masked=is_masked)


def _publish_variant(
    settings: Settings,
    releases: Releases,
    request: Request,
    key: MaskingKey | None,
    report: Reporter,
) -> Published:
    started = time.monotonic()
    names = request.artefacts
    # A file must be created before it is uploaded.
    wanted = [*names, TABLEAU] if names and request.to_tableau else names
    # Nobody can answer a list of pseudonyms.
    writers = _writers(wanted, releases, report, settings.list_keys if key is None else ())
    try:
        with releases.alone():
            with report.work("publish", total=3 + len(writers)) as work:
                written = _publish(settings, releases, writers, key, work)
            place = releases.folder(str(releases.current_name))
    except (PersonaAccessError, OSError, duckdb.IOException) as error:
        in_force = releases.current_name
        stays = f"{in_force} stays the current release" if in_force else "there is no release"
        report.warn(f"Nothing was published; {stays}.")
        if isinstance(error, duckdb.IOException):
            raise MachineError(
                f"The marts could not be written: {one_line(str(error))}. Check that the disk has "
                "space, and publish again."
            ) from error
        raise
    return Published(
        as_of_date=written.build.as_of_date,
        release=place.name,
        place=place,
        is_masked=key is not None,
        n_marts=len(written.marts),
        n_rows=sum(content.n_rows for content in written.contents.values()),
        artefacts=list(writers),
        n_bytes=sum(path.stat().st_size for path in place.rglob("*") if path.is_file()),
        seconds=round(time.monotonic() - started, 1),
    )


def _publish(
    settings: Settings,
    releases: Releases,
    writers: dict[str, Write],
    key: MaskingKey | None,
    work: Work,
) -> Contents:
    """Write and audit one release, and make it current."""
    work.doing("read the project")
    declared = declared_marts(settings)
    marts = declared.marts
    with _private_folder(settings) as exported:
        # The warehouse is locked only for the audit and the copy: builds do not wait for the rest.
        with reading(settings.warehouse) as connection:
            work.advance()
            work.doing("audit the week and export its marts")
            # Data that does not fit spills beside the marts.
            connection.execute(f"set memory_limit = '{_MEMORY_LIMIT}'")
            connection.execute("set temp_directory = ?", [str(exported.with_name("spill"))])
            connection.execute("set threads = ?", [settings.threads])
            build = check_week(connection, marts.values())
            week = build.as_of_date
            current = releases.current_name
            earlier = releases.folder(current) if current else None
            with_history = {mart.name for mart in marts.values() if mart.history == "all"}
            refuse = partial(refuse_changed_marts, connection, settings, {week}, with_history)
            recorded = {} if key else _recorded(connection, settings, marts, week)
            refuse(recorded)
            in_memory = partial(in_little_memory, connection, settings)
            if key:
                # Masked during the copy: a killed process leaves no names behind.
                contents = in_memory(lambda: _masked(connection, marts, week, exported, key))
            else:
                known = earlier_marts(earlier)
                contents = {}
                for name, mart in marts.items():
                    content = recorded.get(name)
                    export = partial(export_mart, connection, mart, week, exported, content)
                    contents[name] = in_memory(partial(export, known.get(name)))
                # A file with the recorded content is proof enough: large tables are not read again.
                if any(contents[name] != content for name, content in recorded.items()):
                    refuse()
        work.advance()

        def put_on_record(place: Path) -> None:
            stay = releases.staying(settings.keep_releases, place.name)
            record_release(settings, place, stay)

        with releases.new(build.as_of_date, settings.keep_releases, put_on_record) as release:
            folder = release / "marts"
            shutil.move(exported, folder)
            Catalogue(build.as_of_date, marts, declared.glossary).write(folder)
            made_of = fingerprint(folder, contents)
            for name, write in writers.items():
                work.advance()
                work.doing(name)
                # An artefact that looks back depends on more than the marts.
                if name in _LOOKING_BACK or not take_over(earlier, release, name, made_of):
                    (release / name).mkdir()
                    write(folder, release / name)
            work.advance()
            work.doing("make the release current")
            share_equal_files(earlier, release)
            write_manifest(
                release,
                build=build,
                masking_key=key.fingerprint if key else None,
                marts=marts,
                contents=contents,
                made_of=made_of,
            )
    return Contents(build, marts, contents)


def _recorded(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    marts: Mapping[str, Mart],
    week: date,
) -> dict[str, ContentHash]:
    """Return the recorded content of marts that publish exactly the recorded columns."""
    return {
        name: content
        for name, (columns, content) in recorded_contents(connection, settings, week).items()
        if name in marts
        and marts[name].history == "newest_week"
        and sorted(marts[name].columns) == columns
    }


def _masked(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    week: date,
    folder: Path,
    key: MaskingKey,
) -> dict[str, ContentHash]:
    with ExitStack() as read:
        sources = {}
        for mart in marts.values():
            with of_this_version(mart, week):
                rows = read.enter_context(rows_to_publish(connection, mart, week))
                connection.sql(rows)
                sources[mart.name] = rows
        return mask_marts(connection, marts, sources, folder, key)


@contextmanager
def _private_folder(settings: Settings) -> Iterator[Path]:
    """Create a private folder for marts until they are part of a release."""
    folder = settings.home / ".publishing"
    empty_folder(folder)
    marts = folder / "marts"
    marts.mkdir()
    try:
        yield marts
    finally:
        empty_folder(folder)
        # Unless it is a mount point.
        with suppress(OSError):
            folder.rmdir()


def _writers(
    artefacts: Sequence[str], releases: Releases, report: Reporter, keys: Sequence[str]
) -> dict[str, Write]:
    """Find the producers of the artefacts.

    Raises SettingsError for an unknown name or a missing extra; the missing extra of an artefact
    that was not requested by name is only reported.
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
            report.warn(f"Left out: {error}")
        else:
            last = {"last": releases.newest_with(name)} if known[name].looks_back else {}
            codes = {"keys": keys} if known[name].has_codes else {}
            writers[name] = partial(write, **last, **codes)
    return writers
