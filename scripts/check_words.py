"""Refuse the wordings of scripts/words_to_avoid.txt, in phrases and in identifiers.

Usage: python scripts/check_words.py [FILE ...]

Without files it checks every tracked text file. Prints each place with the standard word; the exit
code is 1 if there is one. codespell checks spelling; this script checks the choice of words.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "scripts" / "words_to_avoid.txt"
CHECKED = {
    ".css",
    ".html",
    ".j2",
    ".js",
    ".md",
    ".py",
    ".sh",
    ".sql",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}
CHECKED_NAMES = {"Makefile", "Containerfile"}
# Released texts keep their words; the list and its test contain the words on purpose.
ALLOWED = {"CHANGELOG.md", "scripts/words_to_avoid.txt", "tests/python/words_to_refuse.txt"}
# Folders whose words must still be corrected; do not add any.
PENDING = ()
# A phrase can span two lines, with the comment mark of the next line in between.
_GAP = r"(?:[ _-]|\s*\n\s*(?:(?:#|--|//|\*|>)\s*)?)"


@dataclass(frozen=True)
class Wording:
    """A wording to avoid, the replacement, and words that make it acceptable on their line."""

    pattern: re.Pattern[str]
    instead: str
    unless: re.Pattern[str] | None


def read_list(file: Path = LIST) -> list[Wording]:
    """Read the list; comments begin with #."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern, instead, unless = line.split("\t")
            found.append(
                Wording(
                    re.compile(rf"(?<![A-Za-z])(?:{_spaced(pattern)})(?![A-Za-z])", re.IGNORECASE),
                    instead,
                    re.compile(unless, re.IGNORECASE) if unless else None,
                )
            )
    return found


def _spaced(pattern: str) -> str:
    """Let a space match any separator of two words; a lookbehind has a fixed width."""
    return re.sub(r"(?<!there)(?<!same) ", lambda _: _GAP, pattern)


def faults(text: str, wordings: list[Wording]) -> Iterator[tuple[int, str, str]]:
    """Yield line number, the words found and what to write instead."""
    lines = text.splitlines()
    for wording in wordings:
        for match in wording.pattern.finditer(text):
            number = text.count("\n", 0, match.start())
            around = " ".join(lines[max(0, number - 1) : number + 2])
            if wording.unless is None or not wording.unless.search(around):
                yield number + 1, " ".join(match[0].split()), wording.instead


def tracked() -> list[str]:
    """List the tracked files that are checked, relative to the root."""
    done = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [
        name
        for name in done.stdout.splitlines()
        if name not in ALLOWED
        and not name.startswith(PENDING)
        and (Path(name).suffix in CHECKED or Path(name).name in CHECKED_NAMES)
    ]


def main(arguments: list[str]) -> int:
    """Check the files; return the exit code."""
    wordings = read_list()
    is_clean = True
    for name in arguments or tracked():
        file = ROOT / name
        if not file.is_file():
            continue
        for number, found, instead in sorted(faults(file.read_text("utf-8"), wordings)):
            is_clean = False
            sys.stdout.write(f"{name}:{number}: '{found}': write {instead}\n")
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
