"""Run dbt in this process; the project is parsed once for any number of weeks.

dbt is imported only when it runs: the import takes two seconds, and an up-to-date build needs no
dbt.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persona_access.base.dbt_savings import keep_json_schemas, spare_dbt, starting_dbt
from persona_access.base.errors import DISK_FAULT, MachineError, PersonaAccessError
from persona_access.base.files import refuse_without_temporary_folder
from persona_access.base.project_check import check_project, write_optional_seeds
from persona_access.base.report import Work
from persona_access.base.scratch import target_folder
from persona_access.base.settings import Settings
from persona_access.base.signals import StoppedError, signal_received
from persona_access.base.warehouse import opening

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

AS_OF_VARIABLE = "PERSONA_ACCESS_AS_OF_DATE"
# The dbt events that `_listen` handles, with content or by name only.
READ_EVENTS = frozenset({"JinjaLogInfo", "ConcurrencyLine"})
COUNTED_EVENTS = frozenset({"NodeFinished"})


@dataclass
class DbtProject:
    """The dbt project that the settings name; `flags` go with every invocation.

    A replay works on a copy of the warehouse `original`, where any week can be computed again.
    `messages` are the log lines of the macros in the newest invocation; `invocation_id` identifies
    it. `work` counts the nodes.
    """

    settings: Settings
    flags: tuple[str, ...] = ()
    is_replay: bool = False
    original: Path | None = None
    messages: list[str] = field(default_factory=list, init=False)
    invocation_id: str = field(default="", init=False)
    work: Work = field(default_factory=Work, init=False)
    _manifest: Manifest | None = field(default=None, init=False)

    @property
    def manifest(self) -> Manifest:
        """Parse the project if needed, and return its manifest: dbt's description of the project.

        Raises PersonaAccessError when dbt cannot read it, SettingsError when a seed,
        a var or a YAML file is wrong.
        """
        if self._manifest is None:
            check_project(self.settings)
            write_optional_seeds(self.settings)
            with starting_dbt():
                self._manifest = self._parse()
                # These half a million objects stay: the garbage collector does not need to scan
                # them again.
                gc.freeze()
        return self._manifest

    def _parse(self) -> Manifest:
        from dbt.contracts.graph.manifest import Manifest
        from dbt.exceptions import DuplicateResourceNameError

        store_json_schemas = keep_json_schemas(target_folder(self.settings))
        # If the warehouse is at another path, dbt parses every file again, and again on the
        # next run.
        parsed = self._run(None, None, ("parse",), self.original)
        if isinstance(parsed.exception, DuplicateResourceNameError):
            # After a `git pull` changed a file, dbt keeps its old metrics and reports them as
            # duplicates.
            again = ("parse", "--no-partial-parse")
            parsed = self._run(None, None, again, self.original)
        if fault := disk_fault(parsed):
            raise MachineError(
                f"dbt cannot write its parsed project ({fault}): free disk space, or set "
                "DBT_TARGET_PATH to a writable folder, and run the command again."
            )
        if not parsed.success or not isinstance(parsed.result, Manifest):
            raise PersonaAccessError(
                f"dbt cannot read the project: {one_line(str(parsed.exception))}"
            )
        store_json_schemas()
        for node in parsed.result.nodes.values():
            # dbt's stored parse of another folder refers to the seeds of that folder.
            if hasattr(node, "root_path"):
                node.root_path = str(self.settings.project_root)
        return parsed.result

    def invoke(
        self, *arguments: str, week: date | None = None, warehouse: Path | None = None
    ) -> Any:
        """Run a dbt command for a week (default: the newest), on another warehouse if given.

        Returns dbt's own result, whose shape depends on the command. Raises MachineError when
        another process holds the warehouse, its disk is full, or nothing temporary can be written.
        """
        refuse_without_temporary_folder()
        file = warehouse or self.settings.warehouse
        if file.exists():
            # Otherwise dbt reports a locked warehouse, or a wrong file in its place, as a failed
            # build.
            with opening(file):
                pass
        outcome = self._run(self.manifest, week, arguments, warehouse)
        if fault := disk_fault(outcome):
            # This is not a failed week: its files and decisions are fine.
            raise MachineError(
                f"The warehouse {file} cannot be written ({fault}): free disk space, or make "
                "its folder writable, and run the command again. Completely built weeks are "
                "kept."
            )
        return outcome

    def operate(self, macro: str, **arguments: str) -> str:
        """Run a single macro; return the error in one line, or '' if it succeeded."""
        outcome = self.invoke("run-operation", macro, "--args", json.dumps(arguments))
        if outcome.success:
            return ""
        return one_line(str(outcome.exception or outcome.result.results[0].message))

    def _run(
        self,
        manifest: Manifest | None,
        week: date | None,
        arguments: tuple[str, ...],
        warehouse: Path | None = None,
    ) -> dbtRunnerResult:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner
        from dbt_common.invocation import get_invocation_id

        spare_dbt(READ_EVENTS, COUNTED_EVENTS)
        root = str(self.settings.project_root)
        file = warehouse or self.settings.warehouse
        _forget_compiled(manifest)
        is_replay = self.is_replay and manifest is not None
        given = _environment(self.settings, week, file, self.commit, is_replay=is_replay)
        with given:
            try:
                self.messages.clear()
                outcome = dbtRunner(manifest=manifest, callbacks=[self._listen]).invoke(
                    [
                        *arguments,
                        *self.flags,
                        # The caller reports the result. Even a quiet console formats each of dbt's
                        # thousands of debug messages before it drops them.
                        *("--log-level", "none"),
                        # The results are returned in memory; writing the manifest takes half a
                        # second.
                        "--no-write-json",
                        "--project-dir",
                        root,
                        "--profiles-dir",
                        root,
                    ]
                )
                # dbt turns a signal into one of its own errors, and DuckDB into a RuntimeError.
                if isinstance(outcome.exception, KeyboardInterrupt):
                    raise outcome.exception
                if outcome.exception is not None and (number := signal_received()):
                    raise StoppedError(number) from outcome.exception
                return outcome
            finally:
                self.invocation_id = get_invocation_id()
                # Otherwise dbt keeps the warehouse locked until this process ends.
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    @cached_property
    def commit(self) -> str:
        """Return the project's commit, with `-dirty` after it if files changed; '' outside git."""
        described = ("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, and no shell
                ["git", "-C", str(self.settings.project_root), *described],  # noqa: S607
                capture_output=True,
                check=False,
                text=True,
            )
        except FileNotFoundError:
            return ""
        return done.stdout.strip()

    def _listen(self, event: EventMsg) -> None:
        match event.info.name:
            case "JinjaLogInfo":
                self.messages.append(event.data.msg)
            case "ConcurrencyLine":
                self.work.expect(event.data.node_count)
            case "NodeFinished":
                self.work.advance()


def disk_fault(outcome: Any) -> str:
    """Return the system's message of a disk error in a dbt command; '' if there is none."""
    said = [str(outcome.exception or "")]
    said += [
        str(result.message)
        for result in getattr(outcome.result, "results", None) or []
        if str(getattr(result, "status", "")) in {"error", "runtime error"}
    ]
    found = (DISK_FAULT.search(text) for text in said)
    return next((match[0] for match in found if match), "")


def _forget_compiled(manifest: Manifest | None) -> None:
    """Make dbt compile ephemeral models and their readers again: the old SQL is of another week."""
    nodes: Iterable[Any] = manifest.nodes.values() if manifest else ()
    for node in nodes:
        if getattr(node, "extra_ctes", None) or node.is_ephemeral_model:
            node.compiled = node.extra_ctes_injected = False
            node.extra_ctes = []
            node._pre_injected_sql = None


def one_line(text: str) -> str:
    """Write a message of dbt on one line."""
    return " ".join(text.split())


@contextmanager
def _environment(
    settings: Settings, week: date | None, warehouse: Path, commit: str, *, is_replay: bool
) -> Iterator[None]:
    """Give dbt the settings of this run through environment variables, in the project root."""
    given = {
        "PERSONA_ACCESS_TARGET": settings.target,
        "PERSONA_ACCESS_HOME": str(settings.home),
        "PERSONA_ACCESS_WAREHOUSE": str(warehouse),
        "PERSONA_ACCESS_COMMIT": commit,
        # The macro is_replay reads this; it names the copy, so that no other warehouse counts as a
        # replay.
        "PERSONA_ACCESS_REPLAY": str(warehouse) if is_replay else "",
        # The rows are returned only here; the code that logs them replaces people with pseudonyms.
        "PERSONA_ACCESS_LOG_PEOPLE": "true",
        "PERSONA_ACCESS_MEMORY_LIMIT": settings.memory_limit,
        "PERSONA_ACCESS_THREADS": str(settings.threads),
        "PERSONA_ACCESS_SEEDS": os.path.relpath(settings.seeds, settings.project_root),
    }
    if week:
        given[AS_OF_VARIABLE] = week.isoformat()
    before = {name: os.environ.get(name) for name in given}
    folder = Path.cwd()
    os.environ.update(given)
    os.chdir(settings.project_root)
    try:
        yield
    finally:
        os.chdir(folder)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
