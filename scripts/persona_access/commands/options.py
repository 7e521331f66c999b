"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from persona_access.base.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
BuiltWeek = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="As-of date; default: the newest built week."),
]
IgnoredAttributes = Annotated[
    list[str] | None, typer.Option(help="An optional attribute to ignore; repeatable.")
]
MinPrecision = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Default: the var pretrained_min_precision."),
]
Masked = Annotated[
    bool, typer.Option("--masked", help="Publish releases with pseudonyms instead of people.")
]
Full = Annotated[
    bool,
    typer.Option("--full", help="Publish releases with names; give both options to publish both."),
]


def min_precision_of(settings: Settings, given: float | None) -> float:
    """Return the minimum precision of an assignment: the option, or else the var."""
    # Imported here, because --help does not need it.
    from persona_access.base.project_check import read_project_vars

    return read_project_vars(settings)["pretrained_min_precision"] if given is None else given


def variants(settings: Settings, *, masked: bool, full: bool) -> list[bool]:
    """Return the variants to publish, as "is masked"; without an option the setting decides."""
    asked = [*([False] if full else []), *([True] if masked else [])]
    return asked or [settings.is_publishing_masked]
