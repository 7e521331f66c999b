"""Draw the curve of coverage against precision without any library."""

from __future__ import annotations

from html import escape

from persona_access.learning.evaluate import Measures

_WIDTH, _HEIGHT, _MARGIN = 560, 360, 56
_LOWEST_PRECISION = 0.80
_COLOURS = ("#1b6ca8", "#c2571a", "#3f7d3a", "#7a4fa3")


def draw(measures: list[Measures]) -> str:
    """Draw precision (up) by coverage (right) as SVG, one line for each way of holding out."""
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tick in range(0, 11, 2):
        x = _x(tick / 10)
        parts.append(_line(x, _y(_LOWEST_PRECISION), x, _y(1.0), "#dddddd"))
        parts.append(_text(x, _y(_LOWEST_PRECISION) + 18, f"{tick * 10} %", "middle"))
    for tick in range(80, 101, 5):
        y = _y(tick / 100)
        parts.append(_line(_x(0), y, _x(1), y, "#dddddd"))
        parts.append(_text(_x(0) - 8, y + 4, f"{tick} %", "end"))
    parts.append(_text(_x(0.5), _HEIGHT - 8, "share of people answered", "middle"))
    parts.append(_text(_x(0), 20, "share of the answers that are right", "start"))
    for measure, colour in zip(measures, _COLOURS, strict=False):
        points = " ".join(
            f"{_x(coverage):.1f},{_y(precision):.1f}"
            for precision, _, coverage in measure.curve
            if coverage > 0
        )
        style = f'fill="none" stroke="{colour}" stroke-width="2"'
        parts.append(f'<polyline points="{points}" {style}/>')
    for place, (measure, colour) in enumerate(zip(measures, _COLOURS, strict=False)):
        y = _y(1.0) + 16 + 18 * place
        parts.append(_line(_x(0.66), y - 4, _x(0.70), y - 4, colour))
        parts.append(_text(_x(0.71), y, measure.name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _x(coverage: float) -> float:
    return _MARGIN + coverage * (_WIDTH - 2 * _MARGIN)


def _y(precision: float) -> float:
    inner = _HEIGHT - 2 * _MARGIN
    return _MARGIN + (1.0 - precision) / (1.0 - _LOWEST_PRECISION) * inner


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
