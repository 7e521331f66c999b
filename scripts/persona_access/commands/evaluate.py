"""The command `persona-access evaluate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.extras import extra
from persona_access.base.settings import load_settings
from persona_access.commands.options import (
    AsJson,
    IgnoredAttributes,
    MinPrecision,
    min_precision_of,
)
from persona_access.commands.output import Output, print_json, starting

if TYPE_CHECKING:
    from persona_access.base.queries import Record
    from persona_access.learning.evaluate import Measures, PersonaScore

_PERSONAS_SHOWN = 15


def evaluate(
    repeats: Annotated[
        int, typer.Option(min=1, help="Number of random and of unseen splits to pool.")
    ] = 1,
    ignore: IgnoredAttributes = None,
    min_precision: MinPrecision = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw coverage against precision, as SVG.")
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Measure learned mappings on held-out people: random, of unseen cost centers, and later."""
    with starting(is_json=is_json), extra("train", "Learning"):
        from persona_access.learning.held_out import measures
        from persona_access.learning.picture import draw

    settings = load_settings()
    out = Output(is_json=is_json)
    found = measures(
        settings,
        minimum=min_precision_of(settings, min_precision),
        ignored=ignore or [],
        repeats=repeats,
        report=out,
    )
    if picture is not None:
        picture.write_text(draw(found), encoding="utf-8")
    if is_json:
        print_json([asdict(measure) for measure in found])
    else:
        _show(out, found)


def _show(out: Output, measures: list[Measures]) -> None:
    """Show the summary, the curve and the calibration of every kind of held-out people."""
    from persona_access.learning.evaluate import MIN_TENTH

    minimum = measures[0].minimum if measures else 0.0
    out.heading("People who were not in the training data")
    out.table(
        [
            {
                "held out": measure.name,
                "people": measure.n_strangers,
                "accuracy, all answered": measure.accuracy,
                f"assigned, with {minimum:.0%} assured": measure.assigned_share,
                "of these correct": measure.assigned_precision,
            }
            for measure in measures
        ]
    )
    out.heading(f"Groups with at least {MIN_TENTH} people assigned: precision assured, delivered")
    out.table(
        [
            {
                "held out": measure.name,
                "group": score.group,
                "people": score.people,
                "assigned": score.assigned,
                "assured": score.assured,
                "correct": score.right,
            }
            for measure in measures
            for score in measure.groups
            if score.assigned >= MIN_TENTH
        ]
    )
    out.heading("Share of people answered at a precision (threshold in hindsight)")
    out.table(
        [
            {"precision": f"{precision:.2f}"}
            | {measure.name: measure.curve[place][2] for measure in measures}
            for place, (precision, _, _) in enumerate(measures[0].curve if measures else [])
        ]
    )
    out.heading(
        f"Calibration: confidence / share correct, in tenths with at least {MIN_TENTH} people"
    )
    out.table(
        [
            {"confidence": f"{number / 10:.1f} to {(number + 1) / 10:.1f}"}
            | {measure.name: _tenth(measure, number, MIN_TENTH) for measure in measures}
            for number in range(10)
        ]
    )
    if measures:
        out.heading(f"Personas with the most people ({measures[0].name})")
        out.table([_persona(score) for score in measures[0].personas], limit=_PERSONAS_SHOWN)


def _tenth(measure: Measures, number: int, least: int) -> str:
    tenth = next((t for t in measure.tenths if round(t.lower * 10) == number), None)
    if tenth is None or tenth.n < least:
        return ""
    return f"{tenth.said:.2f} / {tenth.so:.2f} ({tenth.n:,})"


def _persona(score: PersonaScore) -> Record:
    return {
        "persona": score.persona_id,
        "people": score.holders,
        "recall": _ratio(score.right, score.holders),
        "precision": _ratio(score.right, score.answered),
        "assigned": score.assigned,
        "of these correct": _ratio(score.assigned_right, score.assigned),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
