"""The command `persona-access check`."""

from __future__ import annotations

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def check(is_json: AsJson = False) -> None:
    """Check seeds, vars, profiles, YAML and settings without dbt; name each fault by its line."""
    from persona_access.base.contracts import read_contracts
    from persona_access.base.project_check import check_project

    with reporting(is_json=is_json) as out:
        settings = load_settings()
        check_project(settings)
        feeds = list(read_contracts(settings.models))
        out.document = {"seeds": settings.seeds, "feeds": feeds}
        out.say(
            f"The settings, the vars and the decisions in {settings.seeds} can be read, and so can "
            f"the declarations of {len(feeds)} feeds."
        )
