"""Share one parse between projects with the same files: parsing takes longer than a small week.

Projects of scenarios differ only in their rows. dbt's parse is stored beside the temporary folders
of all workers, by a hash of everything that dbt reads; each project gets a copy.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from persona_access.base.dbt import DbtProject

if TYPE_CHECKING:
    import pytest

FILES = ("dbt_project.yml", "profiles.yml", "packages.yml", "package-lock.yml")
FOLDERS = ("models", "macros", "snapshots", "tests", "dbt_packages")


def share_parses(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every project of this process use the manifest in the folder, if there is one."""
    run = DbtProject._run

    def shared(self: DbtProject, manifest: Any, week: Any, arguments: Any, *rest: Any) -> Any:
        if arguments != ("parse",):
            return run(self, manifest, week, arguments, *rest)
        kept = folder / f"{_fingerprint(self)}.pickle"
        with filelock.FileLock(kept.with_suffix(".lock")):
            if not kept.exists():
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


def _fingerprint(project: DbtProject) -> str:
    """Hash what dbt reads: its files, the names of the seeds, settings and flags."""
    root, seeds = project.settings.project_root, project.settings.seeds
    found = hashlib.sha256()
    told = (project.settings.target, os.path.relpath(seeds, root), *project.flags)
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
