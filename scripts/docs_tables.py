"""Write the tables of environment variables into the documentation, from their declaration.

Usage: python scripts/docs_tables.py [--check]

A table is between `<!-- settings: GROUP ... -->` and `<!-- end of settings -->`; `all` means every
group, each with its heading. With --check nothing is written, and the exit code is 1 if a table is
out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from persona_access.base.variables import GROUPS, Declaration, Group, declarations

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(
    r"(?P<start><!-- settings: (?P<groups>[a-z_ ]+) -->\n).*?(?P<end><!-- end of settings -->)",
    re.DOTALL,
)
BY_NAME = {group.name(): group for group in GROUPS}


def documents(root: Path = ROOT) -> list[Path]:
    """List the files that can have tables."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]


def written(text: str) -> str:
    """Return a document with its tables up to date; KeyError for a group that does not exist."""
    return TABLE.sub(lambda found: found["start"] + _tables(found["groups"]) + found["end"], text)


def _tables(names: str) -> str:
    if names == "all":
        return "".join(f"\n## {group.title()}\n\n{_table((group,))}\n" for group in GROUPS)
    return _table(tuple(BY_NAME[name] for name in names.split()))


def _table(groups: tuple[type[Group], ...]) -> str:
    rows = [_row(declaration) for declaration in declarations(groups)]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _row(declaration: Declaration) -> str:
    example = f", for example `{declaration.example}`" if declaration.example else ""
    return f"| `{declaration.variable}` | {declaration.default} | {declaration.meaning}{example} |"


def main() -> int:
    """Write or check the tables; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the tables of environment variables.")
    parser.add_argument("--check", action="store_true", help="only report what is out of date")
    is_checking = parser.parse_args().check
    stale = []
    for file in documents():
        text = file.read_text("utf-8")
        if (new := written(text)) != text:
            stale.append(str(file.relative_to(ROOT)))
            if not is_checking:
                file.write_text(new, "utf-8")
    if stale and is_checking:
        sys.stderr.write(
            f"The tables of settings in {', '.join(stale)} differ from their declaration in "
            "scripts/persona_access/base/variables.py: run make docs-tables.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
