"""Plan which weeks to build, and why: new weeks, and built weeks whose files changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from persona_access.audit.mart_hashes import changed_marts, listed
from persona_access.base.contracts import read_contracts
from persona_access.base.errors import PersonaAccessError
from persona_access.base.settings import Settings
from persona_access.base.warehouse import reading
from persona_access.base.week_build import complete_weeks, incomplete_weeks
from persona_access.base.week_inputs import (
    Build,
    builds_of_weeks,
    current_files,
    newest_week_held,
)
from persona_access.loader.feed_mappings.read import read_mappings


@dataclass(frozen=True)
class Plan:
    """Weeks to build, in order. A replay rebuilds weeks on which newer weeks depend.

    `reasons` has a sentence for each week that is stale, `notes` what a build does not repair.
    """

    weeks: list[date]
    is_replay: bool = False
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan_build(settings: Settings) -> Plan:
    """Find weeks that are not built, were built from other files, or changed since.

    Raises PersonaAccessError if no complete week is loaded.
    """
    weeks = complete_weeks(settings)
    if not weeks:
        why = "".join(f" {found}" for found in incomplete_weeks(settings))
        raise PersonaAccessError(
            f"No complete week is loaded in {settings.raw}: run `persona-access load` first.{why}"
        )
    builds = builds_of_weeks(settings.warehouse)
    whole = [week for week, build in builds.items() if build.is_complete]
    if not whole:
        return Plan(weeks, notes=list(map(str, incomplete_weeks(settings))))
    stale = _stale_weeks(settings, weeks, builds)
    changed = changed_marts(settings)
    for week, marts in changed.items():
        if week in weeks:
            stale.setdefault(week, f"{week} changed since its build: {listed(marts)}.")
    with reading(settings.warehouse) as connection:
        # This includes an unfinished build and `dbt run`; older weeks are built on a copy.
        held = newest_week_held(connection)
    newest = max([*builds, *([held] if held else [])])
    first = min([*stale, *(week for week in weeks if week > whole[-1])], default=None)
    return Plan(
        weeks=[week for week in weeks if first and week >= first],
        is_replay=first is not None and first < newest,
        reasons=[stale[week] for week in sorted(stale)],
        notes=[
            *map(str, incomplete_weeks(settings, since=whole[-1])),
            *_changed_decisions(settings, whole[-1], builds[whole[-1]]),
            *changed_mappings(settings, whole[-1], builds[whole[-1]]),
            *(
                f"{week} changed since its build ({listed(marts)}), and its files are "
                "gone, so it cannot be built again: restore the warehouse from a backup."
                for week, marts in changed.items()
                if week not in weeks
            ),
        ],
    )


def _stale_weeks(
    settings: Settings, weeks: list[date], builds: dict[date, Build]
) -> dict[date, str]:
    """Return why each stale week must be built again."""
    found = {}
    in_force = current_files(settings, weeks, weeks)
    for week in weeks:
        build = builds.get(week)
        if build is None or not build.is_complete:
            # Weeks before the first built one are not built here; `rebuild --from` builds them.
            if min(builds) < week < max(builds):
                found[week] = (
                    f"{week} was not built completely, and later weeks depend on it."
                    if build
                    else f"{week} is not built, but later weeks are: its files came late."
                )
        elif build.files and build.files != in_force[week]:
            new = sorted(set(in_force[week].values()) - set(build.files.values()))
            found[week] = f"{week} was built before {', '.join(new)} was loaded."
    return found


def _changed_decisions(settings: Settings, week: date, build: Build) -> list[str]:
    """Report seeds that changed since the newest build; a person knows which weeks they affect."""
    now = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in settings.seeds.glob("*.csv")
    }
    changed = sorted(
        name
        for name in {*now, *build.decisions}
        if build.decisions and now.get(name) != build.decisions.get(name)
    )
    if not changed:
        return []
    sentence = (
        f"Decisions changed since {week} was built ({', '.join(changed)}): the next week uses "
        "them; to apply them to built weeks, run `persona-access rebuild --from DATE`."
    )
    return [sentence]


def changed_mappings(settings: Settings, week: date, build: Build) -> list[str]:
    """Report the feed mappings that changed since the files of a week were read with them."""
    declared = read_mappings(settings.feeds, read_contracts(settings.models))
    sentences = []
    for source, sha256 in build.mappings.items():
        found = declared.get(source)
        if found is not None and found.sha256 == sha256:
            continue
        what = f"{found.file} changed" if found else f"feeds/{source}.yml was removed"
        sentences.append(
            f"{what} since the files of {week} were loaded: the next file uses it; to read the "
            "files of that week again, put them back into the drop zone and run `persona-access "
            "load`."
        )
    return sentences
