"""Scan the bytes of a text delivery in one pass, before it is parsed.

The scan hashes the file, checks that it is UTF-8 text, counts lines, expands gzip, and writes a
plain file with one kind of line ending for DuckDB.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.errors import RefusalError
from persona_access.loader.expand import BLOCK, blocks, gunzipped

MAX_LINE_BYTES = BLOCK
# Spreadsheets of other locales write semicolons, and exports tabs or pipes; the header shows
# which.
DELIMITERS = (",", ";", "\t", "|")
_CONTROL = bytes(c for c in (*range(1, 9), 11, 12, *range(14, 32), 127))
_NOT_CONTROL = bytes(set(range(256)) - set(_CONTROL))
_SAVE_AS_UTF8 = "save it as 'CSV UTF-8' and deliver it again"
# First bytes of formats that people save with the wrong name, and their description.
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or password-protected"),
    (b"%PDF", "a PDF document"),
    (b"BZh", "bzip2-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"MIME-Version:", "a web page saved with its pictures (MHTML)"),
)


@dataclass(frozen=True)
class TextScan:
    """The result of the scan. n_lines counts every line, also empty ones.

    n_delimiters counts each delimiter of line 1 in the whole text. A spaced quote follows a space:
    it can open a value or be a part of it.
    """

    text: Path
    n_lines: int
    n_delimiters: Mapping[str, int]
    has_control_characters: bool
    has_tabs: bool
    has_quotes: bool
    has_spaced_quotes: bool


def scan_text(path: Path, *, is_gzip: bool, work: Path, max_expanded_bytes: int) -> TextScan:
    """Check the text and write it as plain text; temporary copies go to the folder `work`.

    Raises RefusalError for anything but UTF-8 text with lines of limited length.
    """
    if is_gzip:
        path = gunzipped(path, work / "expanded.csv", max_expanded_bytes)
    with path.open("rb") as file:
        scanner = _Scanner(file.read(BLOCK))
        file.seek(0)
        for block in blocks(file):
            scanner.feed(block)
    scanner.finish()
    if scanner.has_mixed_line_ends:
        plain = _with_line_feeds(path, work / "line_feeds.csv")
        return scan_text(plain, is_gzip=False, work=work, max_expanded_bytes=max_expanded_bytes)
    return TextScan(
        path,
        scanner.n_lines,
        scanner.n_delimiters,
        scanner.has_control_characters,
        scanner.has_tabs,
        scanner.has_quotes,
        scanner.has_spaced_quotes,
    )


class _Scanner:
    """The state of the scan: the position, and the counts so far."""

    def __init__(self, head: bytes) -> None:
        _refuse_other_formats(head)
        # A file with only carriage returns (old Macs) has lines too; DuckDB gets them as line
        # feeds.
        self._line_end = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
        line_1 = head.partition(self._line_end)[0].decode("utf-8", "replace")
        self.n_delimiters = {sign: 0 for sign in DELIMITERS if sign in line_1}
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0
        self._line_start = 0
        self._n_ends = 0
        self._n_returns = 0
        self._n_pairs = 0
        self._last = b""
        self.has_control_characters = False
        self.has_tabs = False
        self.has_quotes = False
        self.has_spaced_quotes = False

    @property
    def n_lines(self) -> int:
        return self._n_ends + (self._line_start < self._offset)

    @property
    def has_mixed_line_ends(self) -> bool:
        return self._n_returns > 0 and not self._n_returns == self._n_pairs == self._n_ends

    def feed(self, block: bytes) -> None:
        self._check_encoding(block)
        nul = block.find(b"\0")
        if nul >= 0:
            raise RefusalError(
                f"{self._place(block, nul)} contains a NUL byte, so this is not valid text (a "
                "damaged transfer, or another encoding): export the file again as CSV UTF-8."
            )
        if not self.has_spaced_quotes and b'"' in block:
            self.has_quotes = True
            self.has_spaced_quotes = b' "' in self._last + block
        self._count_lines(block)
        for sign in self.n_delimiters:
            self.n_delimiters[sign] += block.count(sign.encode())
        self.has_tabs = self.has_tabs or b"\t" in block
        if not self.has_control_characters:
            self.has_control_characters = bool(block.translate(None, _NOT_CONTROL))

    def _check_encoding(self, block: bytes) -> None:
        pending = len(self._decoder.getstate()[0])
        if block.isascii() and not pending:
            return
        try:
            self._decoder.decode(block)
        except UnicodeDecodeError as error:
            at = error.start - pending
            wrong = error.object[error.start]
            raise RefusalError(
                f"{self._place(block, at)} contains the byte 0x{wrong:02X}, which is not UTF-8 "
                f"(perhaps Windows-1252 or Latin-1): {_SAVE_AS_UTF8}."
            ) from error

    def _count_lines(self, block: bytes) -> None:
        first = block.find(self._line_end)
        end = first if first >= 0 else len(block)
        if self._offset + end - self._line_start > MAX_LINE_BYTES:
            raise RefusalError(
                f"Line {self._n_ends + 1} is longer than {MAX_LINE_BYTES:,} bytes, so this is "
                "not a table with one row per line: check for an unclosed quote or a wrong "
                "file."
            )
        n_ends = block.count(self._line_end)
        if b"\r" in block or self._last == b"\r":
            self._n_returns += block.count(b"\r")
            self._n_pairs += block.count(b"\r\n") + (self._last + block[:1] == b"\r\n")
        self._n_ends += n_ends
        if n_ends:
            self._line_start = self._offset + block.rfind(self._line_end) + 1
        self._offset += len(block)
        self._last = block[-1:]

    def _place(self, block: bytes, at: int) -> str:
        line = self._n_ends + 1 + block.count(self._line_end, 0, max(at, 0))
        return f"Line {line} (byte {self._offset + at + 1} of the text)"

    def finish(self) -> None:
        if self._offset == 0:
            raise RefusalError("The file is empty: export it again, header line included.")
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise RefusalError(
                f"The file ends in the middle of a UTF-8 character on line {self.n_lines}: it was "
                "cut short or is not UTF-8; export it again."
            ) from error


def other_format(head: bytes) -> str | None:
    """Return the format of a file by its first bytes, if it is neither text nor a table."""
    return next((what for magic, what in _OTHER_FORMATS if head.startswith(magic)), None)


def _refuse_other_formats(head: bytes) -> None:
    what = other_format(head)
    if what is not None:
        raise RefusalError(
            f"The file is {what}, not CSV as its name indicates: give it the correct ending "
            "(.csv, .csv.gz, .parquet, .xlsx or .ods) or export it as CSV UTF-8."
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
        b"\0" in head[:4] and head[:4].strip(b"\0")
    ):
        raise RefusalError(
            f"Byte 1 on line 1 starts text in UTF-16 or UTF-32, not UTF-8: {_SAVE_AS_UTF8}."
        )
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        raise RefusalError(
            "The file is a web page or XML (perhaps a login or error page saved in place of the "
            "export), not CSV: export it again and look at its first line."
        )
    if start.startswith((b"{", b"[")):
        raise RefusalError("The file is JSON, not CSV: export it as CSV UTF-8.")


def _with_line_feeds(path: Path, target: Path) -> Path:
    """Convert all line endings to line feeds: DuckDB refuses a file with several kinds."""
    held = b""
    with path.open("rb") as mixed, target.open("wb") as plain:
        for raw in blocks(mixed):
            block = held + raw
            # A carriage return at the end of a block can be half of a pair: wait for the next
            # block.
            held = b"\r" if block.endswith(b"\r") else b""
            block = block.removesuffix(b"\r")
            plain.write(block.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        plain.write(b"\n" if held else b"")
    return target
