"""Print the result of an evaluation."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from persona_access.learning.evaluate import MIN_TENTH, Measures

_PERSONAS_SHOWN = 15


def print_measures(console: Console, measures: list[Measures]) -> None:
    """Print the summary, the curve and the calibration of every way of holding out."""
    console.print(_summary(measures))
    console.print(_curve(measures))
    console.print(_calibration(measures))
    if measures:
        console.print(_personas(measures[0]))


def _summary(measures: list[Measures]) -> Table:
    table = Table(title="People the training has not seen")
    for heading in ("held out", "people", "accuracy, all answered"):
        table.add_column(heading)
    minimum = measures[0].minimum if measures else 0.0
    table.add_column(f"assigned, {minimum:.0%} being assured", justify="right")
    table.add_column("of these right", justify="right")
    for measure in measures:
        table.add_row(
            measure.name,
            f"{measure.n_strangers:,}",
            f"{measure.accuracy:.3f}",
            f"{measure.assigned_share:.3f}",
            _share(measure.assigned_precision),
        )
    return table


def _curve(measures: list[Measures]) -> Table:
    table = Table(title="Share of people answered at a precision (threshold in hindsight)")
    table.add_column("precision")
    for measure in measures:
        table.add_column(measure.name, justify="right")
    for place, (precision, _, _) in enumerate(measures[0].curve if measures else []):
        table.add_row(
            f"{precision:.2f}", *(f"{measure.curve[place][2]:.3f}" for measure in measures)
        )
    return table


def _calibration(measures: list[Measures]) -> Table:
    table = Table(
        title=f"Calibration: confidence said / share right, tenths of {MIN_TENTH} people or more"
    )
    table.add_column("confidence")
    for measure in measures:
        table.add_column(measure.name, justify="right")
    for number in range(10):
        cells = []
        for measure in measures:
            tenth = next((t for t in measure.tenths if round(t.lower * 10) == number), None)
            cells.append(
                f"{tenth.said:.2f} / {tenth.so:.2f} ({tenth.n:,})"
                if tenth and tenth.n >= MIN_TENTH
                else ""
            )
        table.add_row(f"{number / 10:.1f} to {(number + 1) / 10:.1f}", *cells)
    return table


def _personas(measure: Measures) -> Table:
    table = Table(
        title=f"Personas with the most people ({measure.name}, {_PERSONAS_SHOWN} shown, "
        "all with --json)"
    )
    for heading in ("persona", "people", "recall", "precision", "assigned", "of these right"):
        table.add_column(heading)
    for score in measure.personas[:_PERSONAS_SHOWN]:
        table.add_row(
            score.persona_id,
            f"{score.holders:,}",
            _share(_ratio(score.right, score.holders)),
            _share(_ratio(score.right, score.answered)),
            f"{score.assigned:,}",
            _share(_ratio(score.assigned_right, score.assigned)),
        )
    return table


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
