"""The command `persona-access serve`."""

from __future__ import annotations

from persona_access.base.settings import load_settings


def serve() -> None:
    """Load the release in force into PostgreSQL, each reader with their own rows."""
    from persona_access.outputs.release.command import run_serve

    run_serve(load_settings())
