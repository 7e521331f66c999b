"""Write the evidence of a week as one independently verifiable zip."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from persona_access.audit import record_evidence
from persona_access.audit.mart_hashes import refuse_changed_marts
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import new_file
from persona_access.base.queries import Record, ask, asking
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.week_inputs import builds_of_weeks
from persona_access.outputs.evidence import queries
from persona_access.outputs.evidence.pack import members_of
from persona_access.outputs.evidence.sign import sign
from persona_access.outputs.evidence.verify import faults, write_pack


@dataclass(frozen=True)
class Evidence:
    """A written pack: its size in bytes, and the public key of its signature, if any."""

    week: date
    file: Path
    sha256: str
    n_files: int
    n_bytes: int
    public_key: str | None = None


def write_evidence(
    settings: Settings, week: date, out: Path | None = None, report: Reporter = SILENT
) -> Evidence:
    """Write the pack of a week, `evidence_<week>.zip` unless `out` names it, and `<out>.sha256`.

    Raises PersonaAccessError, and writes nothing, if the week was not built completely with all
    tests, or its decisions are missing.
    """
    out = out or settings.evidence / f"evidence_{week}.zip"
    builds = builds_of_weeks(settings.warehouse)
    if week not in builds:
        known = f"the built weeks are {min(builds)} to {max(builds)}" if builds else "no week is"
        raise PersonaAccessError(
            f"The week {week} is not built, so there is no evidence of it: {known}."
        )
    with asking(settings) as connection, report.work(f"collect the evidence of {week}"):
        run = _whole_build(connection, week)
        refuse_changed_marts(connection, settings, {week})
        members = members_of(connection, settings, week, builds[week], run)
    if broken := faults(members):
        raise PersonaAccessError(
            f"The week {week} does not add up, so no pack was written: {' '.join(broken)}"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = new_file(out.with_name(f".{out.name}.unfinished"))
    write_pack(members, unfinished)
    sha256 = hashlib.sha256(unfinished.read_bytes()).hexdigest()
    unfinished.replace(out)
    new_file(Path(f"{out}.sha256")).write_text(f"{sha256}  {out.name}\n", "utf-8")
    public_key = sign(out, settings.evidence_key) if settings.evidence_key else None
    record_evidence(settings, out)
    return Evidence(week, out, sha256, len(members), out.stat().st_size, public_key)


def _whole_build(connection: duckdb.DuckDBPyConnection, week: date) -> Record:
    """Return the newest build of the week, if it succeeded with all its tests."""
    (run,) = ask(connection, queries.BUILD, {"week": week})
    if not run["is_complete"]:
        raise PersonaAccessError(
            f"The week {week} was not built completely (failed tests: {run['n_failures']}, "
            f"broken nodes: {run['n_errors']}, skipped: {run['n_skipped']}), so there is no "
            f"evidence of it: fix the failures and run `persona-access rebuild --from {week}`."
        )
    tests = ask(connection, queries.TESTS, {"invocation_id": run["invocation_id"]})
    left_out = [test["test_name"] for test in tests if test["test_status"] == "not_run"]
    if left_out or not tests:
        raise PersonaAccessError(
            f"The week {week} was built without all of its tests "
            f"({', '.join(left_out[:5]) or 'none is recorded'}), so there is no evidence that it "
            f"is sound: run `persona-access rebuild --from {week}`."
        )
    return run
