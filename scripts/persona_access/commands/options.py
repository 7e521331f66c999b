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
    typer.Option(formats=["%Y-%m-%d"], help="As-of date; the newest built week when left out."),
]
IgnoredAttributes = Annotated[
    list[str] | None, typer.Option(help="An optional attribute to leave out; repeatable.")
]
MinPrecision = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="The var pretrained_min_precision when left out."),
]
Masked = Annotated[
    bool, typer.Option("--masked", help="Releases with pseudonyms instead of people.")
]
Full = Annotated[
    bool, typer.Option("--full", help="Releases with names; give both options for both.")
]


def min_precision_of(settings: Settings, given: float | None) -> float:
    """Return the precision that an assignment needs: the option, or else the var."""
    # Imported here, because --help needs none of it.
    from persona_access.base.project_check import read_project_vars

    return read_project_vars(settings)["pretrained_min_precision"] if given is None else given


def variants(settings: Settings, *, masked: bool, full: bool) -> list[bool]:
    """Return whether each variant that is asked for is masked; the setting decides without any."""
    asked = [*([False] if full else []), *([True] if masked else [])]
    return asked or [settings.is_publishing_masked]
