"""The command `persona-access check`."""

from __future__ import annotations

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def check(is_json: AsJson = False) -> None:
    """Check seeds, feed mappings, vars, profiles, YAML and settings without dbt.

    Each fault is named by its file and line.
    """
    from persona_access.base.contracts import read_contracts
    from persona_access.base.project_check import check_project
    from persona_access.loader.feed_mappings.read import read_mappings, unapproved

    with reporting(is_json=is_json) as out:
        settings = load_settings()
        check_project(settings, is_kept=False)
        contracts = read_contracts(settings.models)
        mappings = read_mappings(settings.feeds, contracts)
        for sentence in unapproved(mappings, settings.target):
            out.say(sentence)
        feeds = list(contracts)
        out.document = {"seeds": settings.seeds, "feeds": feeds, "feed_mappings": list(mappings)}
        out.say(
            f"No faults: settings, vars, decisions in {settings.seeds}, declarations of "
            f"{len(feeds)} feeds, and {len(mappings)} feed mappings are valid."
        )
