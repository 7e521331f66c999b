"""Delete weeks and files that the retention policy no longer keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from persona_access.audit import last_served, record_prune
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.printable import counted
from persona_access.base.queries import ask
from persona_access.base.settings import Settings
from persona_access.base.warehouse import completed_weeks, reading
from persona_access.base.week_build import complete_weeks, project_vars
from persona_access.base.week_inputs import current_files
from persona_access.loader.loading import init_raw_layer
from persona_access.outputs.release.release import Releases
from persona_access.questions.replay.copies import warehouse_copy

# A week is compared with the previous one, so the weekly tables of that one must be kept.
WEEKS_COMPARED = 2
# Answers add up: none replaces the previous ones.
ANSWERS = "review_decisions"
_ANSWERS_IN_EFFECT = "select load_id from intermediate.int_answer_files_in_effect"


@dataclass(frozen=True)
class Pruning:
    """What to delete: files before `first_files`, weeks of the warehouse before `first_week`.

    The warehouse keeps some more weeks than the files, so that the oldest week with files can be
    built again: it needs the weeks before it. Releases are deleted with the files of their week,
    except those that readers or a rollback need.
    """

    first_files: date
    first_week: date
    weeks: list[date]
    loads: list[LedgerRecord]
    files: list[Path]
    releases: dict[Releases, list[str]]

    @property
    def release_folders(self) -> list[Path]:
        """The folders of the releases."""
        return [
            releases.folder(name) for releases, names in self.releases.items() for name in names
        ]

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to delete."""
        return not (self.weeks or self.loads or self.files or self.release_folders)


@contextmanager
def planned_pruning(
    settings: Settings, keep_weeks: int | None, *, is_confirmed: bool
) -> Iterator[Pruning]:
    """Find what the policy removes; if confirmed, lock the releases until the removal is done.

    Raises PersonaAccessError if fewer weeks would be kept than the models compare, and
    MachineError if another process publishes meanwhile.
    """
    with ExitStack() as locks:
        for releases in _places_of_releases(settings) if is_confirmed else ():
            locks.enter_context(releases.alone())
        yield plan_pruning(settings, keep_weeks)


def plan_pruning(settings: Settings, keep_weeks: int | None) -> Pruning:
    """Find what the policy removes; `keep_weeks` overrides its var `retention_weeks`."""
    variables = project_vars(settings)
    n_weeks = int(variables["retention_weeks"]) if keep_weeks is None else keep_weeks
    if n_weeks < WEEKS_COMPARED:
        raise PersonaAccessError(
            f"The models compare {WEEKS_COMPARED} weeks, but only {counted(n_weeks, 'week')} would "
            "be kept: keep more."
        )
    loaded = complete_weeks(settings)
    if not loaded:
        return Pruning(date.min, date.min, [], [], [], {})
    first = loaded[-n_weeks:][0]
    in_force = set(current_files(settings, [first], loaded)[first].values())
    ledger = Ledger(settings.raw / "load_ledger")
    loads = [*_loads_before(ledger, in_force), *_answers_before(ledger, settings, first)]
    first_week = first - timedelta(weeks=WEEKS_COMPARED)
    return Pruning(
        first_files=first,
        first_week=first_week,
        weeks=[week for week in completed_weeks(settings.warehouse) if week < first_week],
        loads=loads,
        files=sorted(_old_files(settings, loads, first)),
        releases={
            releases: releases.older_than(first) for releases in _places_of_releases(settings)
        },
    )


def _places_of_releases(settings: Settings) -> list[Releases]:
    """Return the folders of releases, with names and masked."""
    places = (Releases(root) for root in (settings.published, settings.published_masked))
    return [releases for releases in places if releases.root.is_dir()]


def _loads_before(ledger: Ledger, in_force: set[str]) -> Iterator[LedgerRecord]:
    """Yield loads that are older than the current load of their source in the first kept week."""
    for record in ledger.all_loaded():
        if record.feed == ANSWERS:
            continue
        newest = next(
            (
                other
                for other in ledger.loaded(record.feed)
                if other.load_id in in_force and other.source_name == record.source_name
            ),
            None,
        )
        if newest and (record.extract_date or "") < (newest.extract_date or ""):
            yield record


def _answers_before(ledger: Ledger, settings: Settings, first: date) -> Iterator[LedgerRecord]:
    """Yield files of answers that are older than the first kept week and no longer in effect."""
    old = [r for r in ledger.loaded(ANSWERS) if (r.extract_date or "") < first.isoformat()]
    if not old or not settings.warehouse.is_file():
        return
    with reading(settings.warehouse) as connection:
        try:
            kept = {row["load_id"] for row in ask(connection, _ANSWERS_IN_EFFECT)}
        except duckdb.CatalogException:
            # An earlier release built it: the next build tells which answers are in effect.
            return
    yield from (record for record in old if record.load_id not in kept)


def _old_files(settings: Settings, loads: list[LedgerRecord], first: date) -> set[Path]:
    """Return the archived files of these loads, and equally old refused files and evidence."""
    archived = {
        file
        for record in loads
        for file in (settings.archive / record.feed).glob(f"{record.feed}_{record.extract_date}.*")
    }
    dated = [
        *settings.rejected.glob("*_????-??-??.*"),
        *settings.status_changes.glob("*.parquet"),
        *settings.evidence.glob("evidence_????-??-??.zip*"),
    ]
    old = {file for file in dated if file.name.split(".")[0][-10:] < first.isoformat()}
    return archived | old


def prune(settings: Settings, pruning: Pruning) -> None:
    """Remove what was planned; after a kill, the next prune completes the removal."""
    _prune_warehouse(settings, pruning)
    _prune_files(settings, pruning)
    record_prune(settings, [*pruning.files, *pruning.release_folders])
    for releases, names in pruning.releases.items():
        releases.forget(names)


def _prune_warehouse(settings: Settings, pruning: Pruning) -> None:
    """Remove the weeks on a copy, and rewrite it without their space."""
    if not pruning.weeks:
        return
    with warehouse_copy(settings) as copy:
        project = DbtProject(copy.settings, is_replay=True, original=settings.warehouse)
        if why := project.operate("forget_weeks_before", week=pruning.first_week.isoformat()):
            raise PersonaAccessError(
                f"The weeks cannot be removed from the copy: {why}. Nothing is removed."
            )
        copy.compact()
        copy.take_over()


def _prune_files(settings: Settings, pruning: Pruning) -> None:
    """Mark the loads as removed in the ledger, then delete files without a load in the ledger."""
    ledger = Ledger(settings.raw / "load_ledger")
    for file in pruning.files:
        file.unlink(missing_ok=True)
    for record in pruning.loads:
        ledger.write(replace(record, load_status="removed"))
    init_raw_layer(settings)


def served_too_long(settings: Settings, pruning: Pruning) -> str | None:
    """Return the release that PostgreSQL still serves although the policy removes it."""
    served = last_served(settings)
    return served if served in pruning.releases.get(Releases(settings.published), []) else None
