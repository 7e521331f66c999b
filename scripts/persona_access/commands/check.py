"""The command `persona-access check`."""

from __future__ import annotations

import typer

from persona_access.base.settings import load_settings


def check() -> None:
    """Check seeds, vars, profiles, YAML and settings without dbt; name each fault by its line."""
    from persona_access.base.contracts import read_contracts
    from persona_access.base.project_check import check_project

    settings = load_settings()
    check_project(settings)
    n_feeds = len(read_contracts(settings.models))
    typer.echo(
        f"The settings, the vars and the decisions in {settings.seeds} can be read, and so can the "
        f"declarations of {n_feeds} feeds."
    )
