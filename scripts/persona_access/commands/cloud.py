"""`persona-access cloud load|build|publish|rollback`: steps of the week, for roles with one right.

Each does what the command of its name does, with the same settings, and then puts the head of the
audit log where nobody can change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.errors import EXIT_OK, PersonaAccessError, SettingsError
from persona_access.base.settings import load_settings

if TYPE_CHECKING:
    from persona_access.base.settings import Settings

cloud = typer.Typer(
    no_args_is_help=True, help="The steps of the week where releases leave by buckets."
)


@cloud.command("load")
def run_load() -> None:
    """Load the drop zone, as `persona-access load` does."""
    from persona_access.commands.load import load

    code = EXIT_OK
    with _anchored(load_settings()):
        try:
            load()
        except typer.Exit as end:
            code = end.exit_code
    raise typer.Exit(code)


@cloud.command("build")
def run_build() -> None:
    """Build the loaded weeks that are not built yet."""
    from persona_access.weeks.build import run_build

    settings = load_settings()
    with _anchored(settings):
        run_build(settings)


@cloud.command("publish")
def run_publish() -> None:
    """Publish the newest week in full and masked, and send both to PERSONA_ACCESS_PUBLISH_URL."""
    from persona_access.outputs.release.command import run_publish
    from persona_access.outputs.release.release import Releases
    from persona_access.outputs.release.send import send_release

    settings = load_settings()
    url = _address("PERSONA_ACCESS_PUBLISH_URL", settings.publish_url)
    with _anchored(settings):
        for variant, root in (("full", settings.published), ("masked", settings.published_masked)):
            run_publish(settings, [], is_masked=variant == "masked")
            release = Releases(root).current.resolve()
            n_files = send_release(url, release, variant)
            typer.echo(f"{variant}: {n_files} files of {release.name} sent.")


@cloud.command("rollback")
def run_rollback(
    because: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
) -> None:
    """Put the release before in force again, in full and masked, for all who follow the bucket."""
    from persona_access.outputs.release.release import Releases
    from persona_access.outputs.release.rollback import run_rollback
    from persona_access.outputs.release.send import send_pointer

    settings = load_settings()
    url = _address("PERSONA_ACCESS_PUBLISH_URL", settings.publish_url)
    with _anchored(settings):
        for variant, root in (("full", settings.published), ("masked", settings.published_masked)):
            run_rollback(settings, None, because, is_masked=variant == "masked")
            send_pointer(url, str(Releases(root).in_force), variant)


@contextmanager
def _anchored(settings: Settings) -> Iterator[None]:
    """Anchor the audit log at PERSONA_ACCESS_ANCHOR_URL, also after a step that failed."""
    from persona_access.outputs.release.send import send_anchor

    url = _address("PERSONA_ACCESS_ANCHOR_URL", settings.anchor_url)
    try:
        yield
    except PersonaAccessError:
        # What made the step fail is to be read, not a second fault.
        with suppress(PersonaAccessError):
            send_anchor(url, settings)
        raise
    send_anchor(url, settings)


def _address(variable: str, url: str | None) -> str:
    if not url:
        raise SettingsError(f"{variable} is empty: give the address of a bucket, s3://bucket/path.")
    return url
