"""Send releases to further destinations: a bucket, a Tableau server, PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from persona_access.base.errors import PersonaAccessError, SettingsError
from persona_access.base.extras import extra
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.outputs.publishing.producers import PRODUCERS, TABLEAU
from persona_access.outputs.release.release import Releases, releases_of


class Destination(Protocol):
    """A destination for the current release; sending a release again has no effect."""

    @property
    def name(self) -> str:
        """The name of the destination in messages."""
        ...

    def send(self, releases: Releases, report: Reporter, *, is_masked: bool) -> None:
        """Send the current release.

        Raises MachineError if the destination fails; files that were already sent stay.
        """
        ...


def send(
    releases: Releases, destinations: Sequence[Destination], report: Reporter, *, is_masked: bool
) -> None:
    """Send the current release to each destination."""
    for destination in destinations:
        with releases.alone(), report.work(f"send {releases.current_name} to {destination.name}"):
            destination.send(releases, report, is_masked=is_masked)


def serve(settings: Settings, report: Reporter = SILENT, *, is_dropping_views: bool = False) -> str:
    """Load the current release into PostgreSQL and return its name.

    `is_dropping_views` drops other users' views that block the load or expose rows. Raises
    PersonaAccessError if there is no release.
    """
    destination = postgres_server(settings, (False,), is_dropping_views=is_dropping_views)
    releases = releases_of(settings, is_masked=False)
    if releases.current_name is None:
        raise PersonaAccessError("There is no release to serve: run `persona-access publish`.")
    send(releases, [destination], report, is_masked=False)
    return releases.current_name


def bucket(settings: Settings) -> list[Destination]:
    """Return the bucket at PERSONA_ACCESS_PUBLISH_URL; None if it is not set.

    Raises SettingsError for an invalid address.
    """
    if settings.publish_url is None:
        return []
    with extra("operations", "The bucket of releases"):
        from persona_access.outputs.publishing.bucket import Bucket
    return [Bucket(settings.publish_url)]


def is_sent(settings: Settings, releases: Releases) -> bool:
    """Return whether the bucket of the settings, if there is one, has the current release."""
    if settings.publish_url is None:
        return True
    return releases.current_name in releases.sent_to(settings.publish_url)


@dataclass(frozen=True)
class _Tableau:
    upload: Callable[..., list[str]]
    name: str = "Tableau"

    def send(self, releases: Releases, report: Reporter, *, is_masked: bool) -> None:
        names = self.upload(releases.current.resolve() / TABLEAU, is_masked=is_masked)
        report.say(f"Tableau has {', '.join(names)}.")


def tableau_server(settings: Settings) -> Destination:
    """Prepare the upload.

    Raises SettingsError if Tableau's extra or its settings are missing.
    """
    {producer.name: producer for producer in PRODUCERS}[TABLEAU].load()
    from persona_access.outputs.tableau.upload import TableauServer

    return _Tableau(TableauServer.from_settings(settings).upload)


@dataclass(frozen=True)
class _Postgres:
    settings: Settings
    serve: Callable[..., None]
    is_dropping_views: bool = False
    name: str = "PostgreSQL"

    def send(self, releases: Releases, report: Reporter, *, is_masked: bool) -> None:
        # It distinguishes readers by BRID, which a masked release does not have.
        if not is_masked:
            self.serve(
                self.settings,
                releases.current.resolve(),
                report,
                is_dropping_views=self.is_dropping_views,
            )


def postgres_server(
    settings: Settings, is_masked: Sequence[bool], *, is_dropping_views: bool = False
) -> Destination:
    """Prepare the load into PostgreSQL.

    Raises SettingsError if the extra is missing, the server would not be verified, or only masked
    variants are published.
    """
    if all(is_masked):
        raise SettingsError(
            "A masked release cannot be served: PostgreSQL distinguishes readers by BRID. Omit "
            "--masked; readers without the right to names do not see them there."
        )
    with extra("postgres", "postgres"):
        from persona_access.outputs.postgres import serve_release
        from persona_access.outputs.postgres.connect import secured
    secured(os.environ)
    return _Postgres(settings, serve_release, is_dropping_views)
