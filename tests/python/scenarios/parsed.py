"""Share one parse between all projects of a run: parsing takes longer than a small week.

Projects of scenarios differ mostly in their rows. dbt's parse is stored beside the temporary
folders of all workers, by a hash of everything that dbt reads; a project with the same hash gets a
copy. Another project gets the first parse of the run, from which dbt parses what differs.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import filelock
import pytest

from persona_access.base.dbt import DbtProject

FILES = ("dbt_project.yml", "profiles.yml", "packages.yml", "package-lock.yml")
FOLDER_VARIABLE = "TESTS_SHARED_PARSES"
# The others are read when a model is built.
PARSED_VARIABLES = {"PERSONA_ACCESS_READERS_URL"}
FOLDERS = ("models", "macros", "snapshots", "tests", "dbt_packages")


def share_parses(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every project of this process use the manifests in the folder, if there is one."""
    run = DbtProject._run
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))

    def shared(self: DbtProject, manifest: Any, week: Any, arguments: Any, *rest: Any) -> Any:
        if arguments != ("parse",):
            return run(self, manifest, week, arguments, *rest)
        kept = folder / f"{_fingerprint(self)}.pickle"
        with filelock.FileLock(folder / "parses.lock"):
            if not kept.exists():
                with _first_parse(folder):
                    outcome = run(self, manifest, week, arguments, *rest)
                if outcome.success:
                    kept.write_bytes(pickle.dumps(outcome))
                return outcome
        outcome = pickle.loads(kept.read_bytes())  # noqa: S301 - written above
        for node in outcome.result.nodes.values():
            # The only path of a project that dbt stores.
            if getattr(node, "root_path", None):
                node.root_path = str(self.settings.project_root)
        return outcome

    monkeypatch.setattr(DbtProject, "_run", shared)


def leave_parse(root: Path, environment: Mapping[str, str], *options: str) -> None:
    """Write dbt's parse into a project, for another process with this environment.

    dbt itself takes over no parse of a project with another warehouse.
    """
    from dbt.cli.main import dbtRunner

    folder = Path(os.environ[FOLDER_VARIABLE])
    with (
        filelock.FileLock(folder / "parses.lock"),
        _first_parse(folder, is_written=True),
        pytest.MonkeyPatch.context() as monkeypatch,
        chdir(root),
    ):
        for name in os.environ.keys() - environment.keys():
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        outcome = dbtRunner().invoke(["parse", "--log-level", "none", "--no-write-json", *options])
    assert outcome.success, outcome.exception


@contextmanager
def _first_parse(folder: Path, *, is_written: bool = False) -> Iterator[None]:
    """Let dbt start from the first parse of the run, or keep this one as the first.

    `is_written` writes the parse also if dbt had to parse nothing.
    """
    from dbt.constants import DEFAULT_ENV_PLACEHOLDER
    from dbt.contracts.graph.manifest import Manifest
    from dbt.flags import get_flags
    from dbt.parser.manifest import ManifestLoader, extended_mashumuro_decoder

    read, write = ManifestLoader.read_manifest_for_partial_parse, ManifestLoader.load

    def first(loader: Any) -> Path:
        # Not by the path of the warehouse or the options of a week: no file is parsed by these. But
        # every parsed relation names the database.
        projects = sorted(loader.manifest.state_check.project_hashes.items())
        profile = loader.root_project
        told = repr((profile.target_name, profile.credentials.database, projects))
        return folder / f"{hashlib.sha256(told.encode()).hexdigest()}.msgpack"

    def read_first(self: ManifestLoader) -> Manifest | None:
        found: Manifest | None = read(self)
        kept = first(self)
        is_partial = get_flags().PARTIAL_PARSE  # type: ignore[no-untyped-call]
        if found is None and is_partial and kept.exists():
            found = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
            found.state_check = self.manifest.state_check
            for name in found.env_vars.keys() - PARSED_VARIABLES:
                found.env_vars[name] = os.environ.get(name, DEFAULT_ENV_PLACEHOLDER)
        return found

    def load(self: ManifestLoader) -> Manifest:
        manifest = write(self)
        if is_written:
            self.write_manifest_for_partial_parse()  # type: ignore[no-untyped-call]
        file = Path(self.root_project.project_target_path) / "partial_parse.msgpack"
        kept = first(self)
        if not kept.exists() and file.exists():
            shutil.copyfile(file, kept)
        return manifest

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(ManifestLoader, "read_manifest_for_partial_parse", read_first)
        monkeypatch.setattr(ManifestLoader, "load", load)
        yield


def _fingerprint(project: DbtProject) -> str:
    """Hash what dbt reads: its files, the names of the seeds, settings and flags."""
    root, seeds = project.settings.project_root, project.settings.seeds
    found = hashlib.sha256()
    # All flags in use name folders that dbt writes.
    told = (project.settings.target, project.settings.warehouse.stem, os.path.relpath(seeds, root))
    found.update(repr((told, sorted(_variables()))).encode())
    found.update(repr(sorted(file.name for file in seeds.iterdir())).encode())
    for name in FILES:
        found.update(_hash(root / name))
    for name in FOLDERS:
        for file in sorted(_below(root / name)):
            found.update(f"{file.relative_to(root)}".encode())
            found.update(_hash(file))
    return found.hexdigest()


def _variables() -> Iterator[tuple[str, str]]:
    """Return the variables of dbt itself; the project's own are read when a model is built."""
    return ((name, value) for name, value in os.environ.items() if name.startswith("DBT_"))


def _below(folder: Path) -> Iterator[Path]:
    # Unlike rglob, this follows links.
    for path, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name not in {"python", "__pycache__"}]
        yield from (Path(path, name) for name in files)


def _hash(file: Path) -> bytes:
    if not file.exists():
        return b"none"
    stat = file.stat()
    return _hash_of(file.resolve(), stat.st_mtime_ns, stat.st_size)


@cache
def _hash_of(file: Path, mtime_ns: int, size: int) -> bytes:
    assert (mtime_ns, size) is not None
    return hashlib.sha256(file.read_bytes()).digest()
