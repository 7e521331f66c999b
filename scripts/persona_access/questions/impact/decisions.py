"""Compare the decisions of the working tree with a git revision, row by row."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from persona_access.base.errors import PersonaAccessError
from persona_access.base.git import git_output, place_in_repository

_DEFAULT_BRANCH = "origin/main"


@dataclass(frozen=True)
class SeedChange:
    """Rows of one seed file that only one side has, as in the file."""

    seed: str
    removed: list[dict[str, str]]
    added: list[dict[str, str]]


@dataclass(frozen=True)
class Decisions:
    """Two versions of the seed files: content by file name, and the commit of the base."""

    revision: str
    commit: str
    base: dict[str, str]
    work: dict[str, str]
    changes: list[SeedChange] = field(default_factory=list)


def read_decisions(seeds: Path, revision: str | None) -> Decisions:
    """Read the seeds of the working tree and of a revision.

    Without a revision, the base is where this branch left origin/main, or else HEAD. Raises
    PersonaAccessError if the seeds are not in a git repository, or the revision has none.
    """
    if not seeds.is_dir():
        raise PersonaAccessError(f"There is no folder of decisions at {seeds}.")
    folder = place_in_repository(seeds)
    if folder is None:
        raise PersonaAccessError(
            f"{seeds} is not in a git repository, so there is no base to compare with: keep "
            "the decisions under version control."
        )
    chosen, commit = _commit(seeds, revision)
    listed = git_output(seeds, "ls-tree", "-z", "--name-only", "--full-tree", f"{commit}:{folder}")
    names = [name for name in (listed or "").split("\0") if name.endswith(".csv")]
    if not names:
        raise PersonaAccessError(
            f"The revision {chosen} has no decisions in {folder}: name another one with --base."
        )
    base = {name: git_output(seeds, "show", f"{commit}:{folder}/{name}") or "" for name in names}
    work = {file.name: _text(file) for file in sorted(seeds.glob("*.csv"))}
    return Decisions(chosen, commit, *_same_files(base, work), _changes(base, work))


def _commit(seeds: Path, revision: str | None) -> tuple[str, str]:
    if revision is None:
        fork = git_output(seeds, "merge-base", _DEFAULT_BRANCH, "HEAD")
        if fork:
            return _DEFAULT_BRANCH, fork.strip()
    chosen = revision or "HEAD"
    commit = git_output(
        seeds, "rev-parse", "--verify", "--quiet", "--end-of-options", chosen + "^{commit}"
    )
    if commit is None:
        raise PersonaAccessError(
            f"git does not know the revision '{chosen}': name a commit, branch or tag with "
            "--base, and fetch it first if it is only on the server."
        )
    return chosen, commit.strip()


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


def _same_files(
    base: dict[str, str], work: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Add each file that the base lacks, with only its header."""
    missing = {name: text.splitlines()[0] + "\n" for name, text in work.items() if text}
    return {**missing, **base}, work


def _changes(base: dict[str, str], work: dict[str, str]) -> list[SeedChange]:
    found = []
    for name in sorted({*base, *work}):
        before, after = _rows(base.get(name, "")), _rows(work.get(name, ""))
        removed, added = before - after, after - before
        if removed or added:
            found.append(SeedChange(name.removesuffix(".csv"), _listed(removed), _listed(added)))
    return found


def _rows(text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """Count the rows of a seed; their order does not matter."""
    return Counter(
        tuple((str(name), str(value)) for name, value in row.items())
        for row in csv.DictReader(StringIO(text, newline=""))
    )


def _listed(rows: Counter[tuple[tuple[str, str], ...]]) -> list[dict[str, str]]:
    return [dict(row) for row in rows.elements()]
