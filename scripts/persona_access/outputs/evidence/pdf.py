"""The cover as PDF, for minutes and folders of auditors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from persona_access.outputs.evidence.cover import Section, Table

_FONT = "Helvetica"
_HEAD = FontFace(emphasis="BOLD", fill_color=(242, 244, 247))


class _Page(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._about = title
        self.set_title(title)
        self.set_auto_page_break(auto=True, margin=15)

    def footer(self) -> None:
        """Write the number of each page below it."""
        self.set_y(-12)
        self.set_font(_FONT, size=8)
        self.cell(0, 8, f"{self._about} - page {self.page_no()} of {{nb}}", align="C")


def pdf_of(sections: Sequence[Section], week: date) -> bytes:
    """Draw the cover as PDF/1.x with the fonts that every reader has; equal input, equal bytes.

    These fonts have the signs of Western Europe: another one is drawn as "?", and is in cover.html.
    """
    title = f"Access review, week {week}"
    page = _Page(title)
    # The time of making would make each pack another.
    page.set_creation_date(datetime(week.year, week.month, week.day, tzinfo=UTC))
    page.add_page()
    _write(page, title, 18, "B")
    _write(
        page, "Each figure is a count over a file of this pack; README.txt says how to check it."
    )
    for number, section in enumerate(sections, start=1):
        page.ln(4)
        heading = f"{number}. {section.title}"
        page.start_section(_text(heading))
        _write(page, heading, 14, "B")
        for sentence in section.sentences:
            _write(page, sentence)
        for table in section.tables:
            _draw(page, table)
    return bytes(page.output())


def _write(page: FPDF, text: str, size: int = 9, style: Any = "") -> None:
    page.set_font(_FONT, style=style, size=size)
    page.multi_cell(0, size * 0.55, _text(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _draw(page: FPDF, table: Table) -> None:
    page.ln(2)
    _write(page, table.caption, 10, "B")
    if not table.shown:
        _write(page, "None.")
        return
    page.set_font(_FONT, size=7)
    rows = [[_text(cell) for cell in row] for row in table.shown]
    with page.table(
        headings_style=_HEAD,
        line_height=3.6,
        col_widths=_widths(table.columns, rows),
        wrapmode="CHAR" if _has_long_words(rows) else "WORD",
    ) as drawn:
        for row in ([_text(column) for column in table.columns], *rows):
            drawn.row(row)
    if table.omitted:
        _write(page, table.omitted, 8, "I")


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Share the width by what stands in the columns: long texts wrap, short ones stay whole."""
    return [
        max(6, len(name), min(36, max(len(row[at]) for row in rows)))
        for at, name in enumerate(columns)
    ]


def _has_long_words(rows: Sequence[Sequence[str]]) -> bool:
    return any(len(word) > 24 for row in rows for cell in row for word in cell.split())


def _text(value: object) -> str:
    return "" if value is None else str(value).encode("cp1252", "replace").decode("cp1252")
