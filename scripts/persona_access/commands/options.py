"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
BuiltWeek = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="As-of date; the newest built week when left out."),
]
IgnoredAttributes = Annotated[
    list[str] | None, typer.Option(help="An optional attribute to leave out; repeatable.")
]
MinPrecision = Annotated[
    float, typer.Option(min=0, max=1, help="As the var pretrained_min_precision.")
]
