"""The command `persona-access build`."""

from __future__ import annotations

from persona_access.base.settings import load_settings


def build() -> None:
    """Build the loaded weeks that are not built yet, oldest first, with every test."""
    from persona_access.audit.anchor import anchored
    from persona_access.weeks.build import run_build

    settings = load_settings()
    with anchored(settings):
        run_build(settings)
