"""Write entries of commands to the audit log."""

from __future__ import annotations

import csv
import glob
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persona_access.audit.chain import Chain, Entry
from persona_access.base.files import sha256_of
from persona_access.base.identity import claims, identity
from persona_access.base.pseudonyms import Pseudonyms
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import builds_of_weeks, recorded_mart_hashes

if TYPE_CHECKING:
    from persona_access.base.week_build import WeekResult

LOAD, BUILD, PUBLISH, PRUNE, EVIDENCE = "load", "build", "publish", "prune", "evidence"
ROLLBACK = "rollback"
# Decisions about single people; auditors ask for them by id.
_EXCEPTIONS = {"persona_overrides": "override_id", "waivers": "waiver_id"}


def log_file(settings: Settings) -> Path:
    """Return the file of the audit log."""
    return settings.home / "audit" / "log.jsonl"


def check_log(settings: Settings) -> None:
    """Raise MachineError if the log cannot be extended, before anything is done."""
    Chain(log_file(settings)).check_end()


def record(
    settings: Settings, action: str, what: Mapping[str, Any], files: Iterable[Path] = ()
) -> Entry:
    """Add an entry: `what` is any JSON; `files` are hashed in their current state.

    Files must be below the home; `audit verify` checks them again. The entry is kept longer than
    data of people, so it has pseudonyms. The user that the environment claims is recorded
    separately, as `claimed`. Raises MachineError if the log was changed.
    """
    claimed = {"claimed": said} if (said := claims()) else {}
    return Chain(log_file(settings)).append(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        who=identity(),
        action=action,
        what={**Pseudonyms(settings).hide_all(what), **claimed},
        files={
            file.relative_to(settings.home).as_posix(): sha256_of(file) for file in sorted(files)
        },
    )


def record_load(settings: Settings) -> None:
    """Record every delivery of the ledger that is not in the log yet, including refused ones.

    If a load was killed, the next one records its deliveries.
    """
    known = {
        load_id
        for entry in Chain(log_file(settings)).read()
        if entry.action == LOAD
        for load_id in entry.what["deliveries"]
    }
    news = [file for file in ledger_files(settings) if file.stem not in known]
    if not news:
        return
    deliveries = {file.stem: json.loads(file.read_text("utf-8")) for file in news}
    landed = [
        place
        for load_id, said in deliveries.items()
        for place in _places(settings, load_id, said)
        if place.is_file()
    ]
    told = {
        load_id: {
            **{name: said[name] for name in ("load_status", "file_name", "file_sha256")},
            "is_archived": _is_archived(settings, said),
        }
        for load_id, said in deliveries.items()
    }
    record(settings, LOAD, {"deliveries": told}, [*news, *landed])


def record_build(settings: Settings, result: WeekResult) -> None:
    """Record the result of a week, and the decisions of its build."""
    seeds = sorted(settings.seeds.glob("*.csv"))
    week = result.as_of_date.isoformat()
    record(
        settings,
        BUILD,
        {
            "as_of_date": week,
            "invocation_id": result.invocation_id,
            "is_complete": result.is_complete,
            "problems": result.problems,
            "marts": result.marts,
            "decisions": {seed.stem: sha256_of(seed) for seed in seeds},
            **{seed.stem: _in_force(seed, week) for seed in seeds if seed.stem in _EXCEPTIONS},
        },
    )


def record_found_builds(settings: Settings) -> None:
    """Record the builds in the warehouse that are not in the log.

    These are builds of a bare dbt, or of a command that was killed before it recorded them. Each
    entry has the decisions that the build recorded.
    """
    known = {
        entry.what.get("invocation_id")
        for entry in Chain(log_file(settings)).read()
        if entry.action == BUILD
    }
    for week, build in builds_of_weeks(settings.warehouse).items():
        if build.invocation_id not in known:
            record(
                settings,
                BUILD,
                {
                    "as_of_date": week.isoformat(),
                    "invocation_id": build.invocation_id,
                    "is_complete": build.is_complete,
                    "decisions": {Path(name).stem: sha for name, sha in build.decisions.items()},
                    "marts": recorded_mart_hashes(settings.warehouse, build.invocation_id),
                    "is_found_later": True,
                },
            )


def record_release(settings: Settings, release: Path, kept: Iterable[str] = ()) -> None:
    """Record a published release through its manifest, which has the hash of each file.

    `kept` names the releases that stay, including this one. The log omits file names, because they
    contain BRIDs. A release outside the home is recorded, but not verified later.
    """
    is_below = release.is_relative_to(settings.home)
    manifest = release / "manifest.json"
    record(
        settings,
        PUBLISH,
        {
            "release": release.name,
            "manifest_sha256": sha256_of(manifest),
            "kept": sorted({*kept, release.name}),
        },
        [manifest] if is_below else (),
    )


def record_evidence(settings: Settings, pack: Path) -> None:
    """Record an evidence pack; packs outside the home are not verified later."""
    pack = pack.absolute()
    is_below = pack.is_relative_to(settings.home)
    what = {"pack": pack.name, "sha256": sha256_of(pack)}
    record(settings, EVIDENCE, what, [pack] if is_below else ())


def record_prune(settings: Settings, removed: Iterable[Path]) -> None:
    """Record what retention removed, so that `audit verify` does not report it as missing.

    `removed` are files, and folders of releases. Loads are those that are removed in the ledger
    and not yet in the log: if a prune was killed, the next one records its removals.
    """
    known = {
        item
        for entry in Chain(log_file(settings)).read()
        if entry.action == PRUNE
        for item in entry.files.items()
    }
    loads = {
        file: said
        for file in ledger_files(settings)
        if (said := json.loads(file.read_text("utf-8")))["load_status"] == "removed"
        and (file.relative_to(settings.home).as_posix(), sha256_of(file)) not in known
    }
    places = (place for file, said in loads.items() for place in _places(settings, file.stem, said))
    gone = [
        (path.relative_to(settings.home) if path.is_relative_to(settings.home) else path).as_posix()
        for path in (*places, *removed)
    ]
    if gone:
        record(settings, PRUNE, {"gone": gone}, loads)


def last_served(settings: Settings) -> str | None:
    """Return the release that was last loaded into PostgreSQL."""
    entries = Chain(log_file(settings)).read()
    served = [entry.what["release"] for entry in entries if entry.action == "serve"]
    return served[-1] if served else None


def ledger_files(settings: Settings) -> list[Path]:
    """List the records of the load ledger."""
    return sorted((settings.raw / "load_ledger").glob("*.json"))


def _places(settings: Settings, load_id: str, said: Mapping[str, Any]) -> tuple[Path, Path]:
    """Return the files of the rows and the quarantined rows of a load."""
    version = f"extract_date={said['extract_date']}/version={said['version']}"
    return (
        settings.raw / said["feed"] / version / "rows.parquet",
        settings.raw / "quarantined_rows" / f"{load_id}.parquet",
    )


def _is_archived(settings: Settings, said: Mapping[str, Any]) -> bool:
    """Return whether the file of a load is in the archive; it can also stay in the drop zone."""
    name = glob.escape(Path(said["file_name"]).name.partition(".")[0])
    is_loaded = said["load_status"] == "loaded"
    return is_loaded and any((settings.archive / str(said["feed"])).glob(f"{name}.*"))


def _in_force(seed: Path, week: str) -> list[str]:
    """List the ids of the decisions that were valid on a date (ISO text)."""
    with seed.open(encoding="utf-8-sig", newline="") as stream:
        return [
            row[_EXCEPTIONS[seed.stem]]
            for row in csv.DictReader(stream)
            if (row["valid_from"] or week) <= week <= (row["valid_to"] or week)
        ]
