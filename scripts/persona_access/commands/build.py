"""The command `persona-access build`."""

from __future__ import annotations

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def build(is_json: AsJson = False) -> None:
    """Build the loaded weeks that are not built yet, oldest first, with every test."""
    from persona_access.audit.anchor import anchored
    from persona_access.weeks.build import build as build_weeks

    settings = load_settings()
    with reporting(is_json=is_json) as out, anchored(settings):
        weeks = out.document.setdefault("weeks", [])
        build_weeks(settings, out, lambda week: weeks.append(week.record()))
