"""Render the cover as PDF, for minutes and auditors' files."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fontpkg_assistant
import fontpkg_fira_sans
import fontpkg_noto_sans_arabic
import fontpkg_noto_sans_devanagari
import fontpkg_noto_sans_thai
import noto_cjk_sans_jp_regular
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from text_unidecode import unidecode

from persona_access.outputs.evidence.cover import Section, Table

# Latin, Greek and Cyrillic with all their accents.
_FONT = "fira"
_STYLES: dict[Any, str] = {"": "Regular", "B": "Bold", "I": "Italic"}
_REGULAR = "FiraSans-Regular.ttf"
_HEAD = FontFace(emphasis="BOLD", fill_color=(242, 244, 247))


@dataclass(frozen=True)
class _Script:
    """A font for further characters. `is_shaped`: letters join, or run from the right."""

    name: str
    file: Path
    is_shaped: bool = True

    def signs(self) -> frozenset[str]:
        with TTFont(self.file, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap()))


# Loaded only if a cover needs them, the large font last.
_SCRIPTS = (
    _Script("hebrew", fontpkg_assistant.ROOT / "files" / "Assistant[wght].ttf"),
    _Script("arabic", fontpkg_noto_sans_arabic.ROOT / "files" / "NotoSansArabic[wdth,wght].ttf"),
    _Script(
        "devanagari",
        fontpkg_noto_sans_devanagari.ROOT / "files" / "NotoSansDevanagari[wdth,wght].ttf",
    ),
    _Script("thai", fontpkg_noto_sans_thai.ROOT / "files" / "NotoSansThai[wdth,wght].ttf"),
    _Script("east-asian", noto_cjk_sans_jp_regular.FONT_PATH, is_shaped=False),
)


class _Page(FPDF):
    def __init__(self, title: str, signs: frozenset[str]) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._about = title
        for style, name in _STYLES.items():
            file = fontpkg_fira_sans.ROOT / "files" / f"FiraSans-{name}.ttf"
            self.add_font(_FONT, style=style, fname=file)
        self._unknown = {ord(sign): unidecode(sign) for sign in self._add_scripts(signs)}
        self.set_title(title)
        self.set_auto_page_break(auto=True, margin=15)

    def _add_scripts(self, signs: frozenset[str]) -> frozenset[str]:
        """Add the fonts that these characters need, and return the characters that no font has."""
        missing = signs - _Script(_FONT, fontpkg_fira_sans.ROOT / "files" / _REGULAR).signs()
        added = []
        for script in _SCRIPTS:
            if not missing or not (found := missing & script.signs()):
                continue
            # A variable font begins with its lightest weight.
            variations: dict[str, float] | None = {"wght": 400} if script.is_shaped else None
            self.add_font(script.name, fname=script.file, variations=variations)
            added.append(script)
            missing -= found
        self.set_fallback_fonts([script.name for script in added], exact_match=False)
        if any(script.is_shaped for script in added):
            self.set_text_shaping(use_shaping_engine=True)
        return missing

    def readable(self, value: object) -> str:
        """Return a value as text; characters without a font are replaced by plain letters."""
        return _text(value).translate(self._unknown)

    def footer(self) -> None:
        """Write the number of each page below it."""
        self.set_y(-12)
        self.set_font(_FONT, size=8)
        self.cell(0, 8, f"{self._about} - page {self.page_no()} of {{nb}}", align="C")


def pdf_of(sections: Sequence[Section], week: date) -> bytes:
    """Render the cover as PDF/1.x with the required glyphs; equal input gives equal bytes.

    The fonts have Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai, Chinese, Japanese and
    Korean; text in other scripts has plain letters here, and is unchanged in cover.html.
    """
    title = f"Access review, week {week}"
    page = _Page(title, _signs(sections))
    # A creation time would make each pack different.
    page.set_creation_date(datetime(week.year, week.month, week.day, tzinfo=UTC))
    page.add_page()
    _write(page, title, 18, "B")
    _write(
        page,
        "Each figure is a count over a file of this pack; README.txt explains how to check it.",
    )
    for number, section in enumerate(sections, start=1):
        page.ln(4)
        heading = f"{number}. {section.title}"
        page.start_section(page.readable(heading))
        _write(page, heading, 14, "B")
        for sentence in section.sentences:
            _write(page, sentence)
        for table in section.tables:
            _draw(page, table)
    return bytes(page.output())


def _write(page: _Page, text: str, size: int = 9, style: Any = "") -> None:
    page.set_font(_FONT, style=style, size=size)
    page.multi_cell(0, size * 0.55, page.readable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _draw(page: _Page, table: Table) -> None:
    page.ln(2)
    _write(page, table.title, 10, "B")
    if not table.shown:
        _write(page, "None.")
        return
    page.set_font(_FONT, size=7)
    rows = [[page.readable(cell) for cell in row] for row in table.shown]
    with page.table(
        headings_style=_HEAD,
        line_height=3.6,
        col_widths=_widths(table.columns, rows),
        wrapmode="CHAR" if _has_long_words(rows) else "WORD",
    ) as drawn:
        for row in ([page.readable(column) for column in table.columns], *rows):
            drawn.row(row)
    if table.omitted:
        _write(page, table.omitted, 8, "I")


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Divide the width by the content of the columns: long texts wrap, short ones do not."""
    return [
        max(6, len(name), min(36, max(len(row[at]) for row in rows)))
        for at, name in enumerate(columns)
    ]


def _has_long_words(rows: Sequence[Sequence[str]]) -> bool:
    return any(len(word) > 24 for row in rows for cell in row for word in cell.split())


def _signs(sections: Sequence[Section]) -> frozenset[str]:
    """Collect the characters of the cover."""
    texts = [
        text
        for section in sections
        for text in (
            section.title,
            *section.sentences,
            *(
                cell
                for table in section.tables
                for row in ([table.title, *table.columns], *table.shown)
                for cell in row
            ),
        )
    ]
    return frozenset().union(*map(_text, texts)) - {"\n"}


def _text(value: object) -> str:
    """Return a value as text with accents composed into letters (NFC)."""
    return "" if value is None else unicodedata.normalize("NFC", str(value))
