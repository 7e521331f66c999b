"""The command `persona-access resolve`."""

from __future__ import annotations

from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson


def resolve(
    management_level: Annotated[str, typer.Option(help="As HR writes it; '' when empty.")],
    cost_center: Annotated[str, typer.Option(help="As HR writes it; '' when empty.")],
    department: Annotated[str | None, typer.Option()] = None,
    job_title: Annotated[str | None, typer.Option()] = None,
    worker_type: Annotated[str | None, typer.Option()] = None,
    is_json: AsJson = False,
) -> None:
    """Show which persona somebody with these attributes would get, and why."""
    from persona_access.questions.resolve import run_resolve

    attributes = {
        "management_level": management_level,
        "cost_center": cost_center,
        "department": department,
        "job_title": job_title,
        "worker_type": worker_type,
    }
    run_resolve(load_settings(), attributes, is_json=is_json)
