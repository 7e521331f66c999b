"""Measure the mappings that would be written against a tuned stack and a simple majority.

    .venv/bin/python benchmarks/mapping/measure.py [access directory ...] [--raw FOLDER]

Data sets are invented (invented.py); `--raw` adds a loaded raw layer, and `--public` the files that
public.py names. Each is held out at random,
by cost centers and by managers never seen, and by joiners; `joined since` are strangers whom the
headcount of the training does not have. Coverage is compared at the precision that was delivered.

The splits are nested: people who were held out while the learner was tuned (`--tuning` shows them)
are not held out again. `--fresh WORD` invents other organisations and chooses the held-out people
by a word: with a new word, no choice of the learner was made with these people.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import invented
import numpy as np
import public
from ceiling import ceiling
from rich.console import Console
from rich.table import Table

from persona_access.base.settings import load_settings
from persona_access.learning.evaluate import (
    Answer,
    Split,
    at_random,
    measure,
    newest_joiners,
    unseen,
)
from persona_access.learning.observations import (
    COST_CENTER,
    DEPARTMENT,
    JOB_TITLE,
    MANAGEMENT_LEVEL,
    MANAGER,
    Bools,
    Floats,
    Row,
)
from persona_access.learning.read import (
    PERSONAS,
    TEXT_COLUMNS,
    known_rows,
    read_rows,
)
from persona_access.learning.shift import Limits
from persona_access.learning.simulate import fold_of

MINIMUM = 0.95
_TITLE, _CENTER = (1 + TEXT_COLUMNS.index(name) for name in (JOB_TITLE, COST_CENTER))
_LEVEL, _DEPARTMENT = (1 + TEXT_COLUMNS.index(name) for name in (MANAGEMENT_LEVEL, DEPARTMENT))
# What the simple rule backs off along.
_CELLS = (
    (_LEVEL, _CENTER, _TITLE),
    (_CENTER, _TITLE),
    (_TITLE,),
    (_LEVEL, _CENTER),
    (_CENTER,),
    (_LEVEL, _DEPARTMENT),
    (_DEPARTMENT,),
    (_LEVEL,),
)
TUNED_ON, REPORTED = "0", "reported"
_LEAST = 100


def data_sets(
    names: list[str],
    raw: Path | None,
    folder: Path | None = None,
    *,
    is_tuning: bool = False,
    fresh: str = "",
) -> Iterator[tuple[str, Split]]:
    """List the splits of each data set."""
    seeds = range(1, 5)
    if fresh:
        start = int(hashlib.sha256(fresh.encode()).hexdigest()[:8], 16)
        seeds = range(start, start + 4)
    rows: dict[str, Callable[[], list[Row]]] = {
        "access": lambda: invented.access(seed=seeds[0]),
        "directory": lambda: invented.directory(seed=seeds[1]),
        "no titles": lambda: invented.directory(seed=seeds[1], has_titles=False),
        "payroll": lambda: invented.payroll(seed=seeds[2])[0],
        "small": lambda: invented.small(seed=seeds[3]),
    }
    if raw:
        rows["raw layer"] = lambda: known_rows(read_rows(raw))
    if folder:
        rows["amazon"] = lambda: public.amazon(folder)
        rows["baltimore"] = lambda: public.baltimore(folder)
        rows["chicago"] = lambda: public.chicago(folder)[0]
    for name, people_of in rows.items():
        if names and name not in names:
            continue
        people = people_of()
        ways: list[Callable[[list[Row], str], Split | None]] = [
            lambda rows, salt: at_random(rows, 5, salt),
            lambda rows, salt: unseen(rows, 5, salt, COST_CENTER),
            lambda rows, _: newest_joiners(rows),
            reused,
        ]
        if any(row[1 + TEXT_COLUMNS.index(MANAGER)] for row in people):
            ways.append(lambda rows, salt: unseen(rows, 5, salt, MANAGER))
        for way in ways:
            is_nested = not is_tuning and not fresh
            split = nested(people, way) if is_nested else way(people, fresh or TUNED_ON)
            if split:
                yield name, split
        if name == "payroll":
            yield name, Split("later, drifted", *invented.payroll(seed=seeds[2]))
        if name == "chicago" and folder:
            yield name, Split("later, drifted", *public.chicago(folder))


def reused(rows: list[Row], salt: str) -> Split:
    """Give a tenth of the cost centers to the people of another one; hold half of these out."""
    codes = sorted({row[_CENTER] for row in rows if row[_CENTER]})
    given = [code for code, fold in zip(codes, fold_of(codes, 10, salt), strict=True) if not fold]
    others = dict(zip(given, [*given[1:], *given[:1]], strict=True))
    split = at_random(rows, 2, salt)
    moved = [
        (*row[:_CENTER], others[row[_CENTER]], *row[_CENTER + 1 :])
        for row in split.strangers
        if row[_CENTER] in others
    ]
    return Split("cost centers given to others", split.known, moved)


def nested(people: list[Row], way: Callable[[list[Row], str], Split | None]) -> Split | None:
    """Hold out people whom tuning did not hold out; joiners are the newest of those before them."""
    tuned = way(people, TUNED_ON)
    if tuned is None:
        return None
    if "joiners" in tuned.name:
        return way(tuned.known, REPORTED)
    split = way(people, REPORTED)
    if split is None:
        return None
    seen = {row[0] for row in tuned.strangers}
    return replace(split, strangers=[row for row in split.strangers if row[0] not in seen])


def majority(split: Split) -> tuple[Bools, Floats]:
    """Answer the commonest persona of the finest of the cells that somebody known is in."""
    named = [name for name in _CELLS if all(any(row[at] for row in split.known) for at in name)]
    levels = (*named, ())
    tables: list[dict[tuple[str | None, ...], Counter[str]]] = [
        defaultdict(Counter) for _ in levels
    ]
    for row in split.known:
        for table, level in zip(tables, levels, strict=True):
            table[tuple(row[at] for at in level)].update(row[PERSONAS])
    right, sure = [], []
    for row in split.strangers:
        for table, level in zip(tables, levels, strict=True):
            counts = table.get(tuple(row[at] for at in level))
            if counts:
                (persona, n), *_ = counts.most_common(1)
                right.append(persona in row[PERSONAS])
                sure.append((n + 0.5) / (counts.total() + 1.5))
                break
    return np.array(right), np.array(sure)


def coverage_at(right: Bools, sure: Floats, precision: float) -> float:
    """Return the greatest share answered at a precision."""
    order = np.argsort(-sure, kind="stable")
    share = right[order].cumsum() / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return float((enough[-1] + 1) / len(order)) if len(enough) else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--raw", type=Path)
    parser.add_argument("--public", type=Path)
    parser.add_argument("--fast", action="store_true", help="without ceiling and joined since")
    parser.add_argument("--tuning", action="store_true", help="the splits it was tuned on")
    parser.add_argument("--fresh", default="", help="deal people out by this word instead")
    parser.add_argument("--held-out", help="only ways of holding out with this in their name")
    arguments = parser.parse_args()
    limits = Limits.of(load_settings())
    table = Table()
    for heading in (
        "data", "held out", "people", "top-1", "assigned / right", "joined since",
        "majority", "ceiling", "its coverage there", "CPU s",
    ):  # fmt: skip
        table.add_column(heading)
    assurances = Table(title=f"assurances of groups with {_LEAST} people or more: said / right")
    for heading in ("data", "held out", "group", "assigned", "said", "right", "of all: confidence"):
        assurances.add_column(heading)
    for name, split in data_sets(
        arguments.names,
        arguments.raw,
        arguments.public,
        is_tuning=arguments.tuning,
        fresh=arguments.fresh,
    ):
        if arguments.held_out and arguments.held_out not in split.name:
            continue
        started = time.process_time()
        answers = measure(split, MINIMUM, limits)
        took = time.process_time() - started
        later = [] if arguments.fast else measure(split, MINIMUM, limits, is_seen=False)
        right, assigned = _of(answers)
        precision = float(right[assigned].mean()) if assigned.any() else MINIMUM
        simple, simple_sure = majority(split)
        best, best_sure = (simple, simple_sure) if arguments.fast else ceiling(split)
        table.add_row(
            name, split.name, f"{len(answers)}", f"{right.mean():.3f}", _assigned(answers),
            f"{_of(later)[0].mean():.3f} · {_assigned(later)}" if later else "",
            f"{simple.mean():.3f} · {coverage_at(simple, simple_sure, precision):.3f}",
            f"{best.mean():.3f}", f"{coverage_at(best, best_sure, precision):.3f}", f"{took:.0f}",
        )  # fmt: skip
        for which, some in (("", answers), (", joined since", later)):
            for line in _assurances(some):
                assurances.add_row(name, split.name + which, *line)
    console = Console(width=200)
    console.print(table)
    console.print(assurances)


def _of(answers: list[Answer]) -> tuple[Bools, Bools]:
    right = np.array([answer.is_right for answer in answers], dtype=np.bool_)
    return right, np.array([answer.assured_precision >= MINIMUM for answer in answers])


def _assigned(answers: list[Answer]) -> str:
    right, assigned = _of(answers)
    return f"{assigned.mean():.3f} / {right[assigned].mean() if assigned.any() else 0:.3f}"


def _assurances(answers: list[Answer]) -> Iterator[tuple[str, ...]]:
    groups: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.row:
            groups[answer.group].append(answer)
            groups[f"by {answer.row.looks_at}"].append(answer)
    for group, some in sorted(groups.items()):
        right, assigned = _of(some)
        sure = np.array([answer.confidence for answer in some])
        said = np.array([answer.assured_precision for answer in some])
        if len(some) < _LEAST:
            continue
        of_all = f"{sure.mean():.3f} / {right.mean():.3f}"
        n = int(assigned.sum())
        pair = (f"{said[assigned].mean():.3f}", f"{right[assigned].mean():.3f}") if n else ("", "")
        if n >= _LEAST and abs(float(pair[0]) - float(pair[1])) > 0.02:
            pair = (pair[0], f"[bold]{pair[1]}[/bold]")
        yield group, f"{n} of {len(some)}", *pair, of_all


if __name__ == "__main__":
    main()
