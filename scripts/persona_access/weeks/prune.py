"""Delete expired weeks: what the retention policy no longer keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from persona_access.audit import last_served, record_prune
from persona_access.base.dbt import DbtProject
from persona_access.base.errors import PersonaAccessError
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.settings import Settings
from persona_access.base.warehouse import completed_weeks
from persona_access.base.week_build import complete_weeks, project_vars
from persona_access.base.week_inputs import current_files
from persona_access.loader.loading import init_raw_layer
from persona_access.outputs.release.release import Releases
from persona_access.questions.replay.copies import warehouse_copy

# A week is compared with the one before, whose weekly tables have to stay.
WEEKS_COMPARED = 2


@dataclass(frozen=True)
class Pruning:
    """What to delete: files before `first_files`, weeks of the warehouse before `first_week`.

    The warehouse keeps some weeks more than the files, so that the oldest week with files can still
    be built again upon the weeks that it looks back to. Releases go with the files of their week,
    but those that readers or a rollback need.
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
        """Whether nothing is older than the policy keeps."""
        return not (self.weeks or self.loads or self.files or self.release_folders)


@contextmanager
def planned_pruning(
    settings: Settings, keep_weeks: int | None, *, is_confirmed: bool
) -> Iterator[Pruning]:
    """Find what the policy removes; where it is confirmed, hold the releases so that it stays so.

    Raises PersonaAccessError when fewer weeks are to be kept than the models look back, and
    MachineError when somebody publishes meanwhile.
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
            f"{n_weeks} weeks are fewer than the {WEEKS_COMPARED} that the models compare: "
            "keep more."
        )
    loaded = complete_weeks(settings)
    if not loaded:
        return Pruning(date.min, date.min, [], [], [], {})
    first = loaded[-n_weeks:][0]
    in_force = set(current_files(settings, [first], loaded)[first].values())
    loads = list(_loads_before(Ledger(settings.raw / "load_ledger"), in_force))
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
    """Find where releases were published, with names or masked."""
    places = (Releases(root) for root in (settings.published, settings.published_masked))
    return [releases for releases in places if releases.root.is_dir()]


def _loads_before(ledger: Ledger, in_force: set[str]) -> Iterator[LedgerRecord]:
    """Yield the loads older than the current one of their source in the first week kept."""
    for record in ledger.all_loaded():
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


def _old_files(settings: Settings, loads: list[LedgerRecord], first: date) -> set[Path]:
    """Return the archived files of these loads; refused files, explanations, evidence as old."""
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
    """Remove what was planned; after a kill, the next prune removes and records the rest."""
    _prune_warehouse(settings, pruning)
    _prune_files(settings, pruning)
    record_prune(settings, [*pruning.files, *pruning.release_folders])
    for releases, names in pruning.releases.items():
        releases.forget(names)


def _prune_warehouse(settings: Settings, pruning: Pruning) -> None:
    """Remove the weeks on a copy, rewritten without the space that they took."""
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
    """Take the loads out of the ledger, then sweep what no longer has a load there."""
    ledger = Ledger(settings.raw / "load_ledger")
    for file in pruning.files:
        file.unlink(missing_ok=True)
    for record in pruning.loads:
        ledger.write(replace(record, load_status="removed"))
    init_raw_layer(settings)


def served_too_long(settings: Settings, pruning: Pruning) -> str | None:
    """Name the release that PostgreSQL serves although the policy removes it."""
    served = last_served(settings)
    return served if served in pruning.releases.get(Releases(settings.published), []) else None
