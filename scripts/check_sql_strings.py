"""Refuse SQL longer than a line in Python strings: sqlfluff checks only .sql files.

Usage: python scripts/check_sql_strings.py [FILE ...]

Without files it checks scripts/persona_access. Prints each place; the exit code is 1 if there is
one. A string counts with the strings that are written or added behind it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SQL = re.compile(
    r"\b(select\b.*\bfrom|(left|inner|cross|full|anti|semi|asof) join|group by|order by"
    r"|insert into|update \w+ set|delete from|copy \(|alter table"
    r"|create (or replace )?(temp )?(table|view|macro|policy))\b",
    re.DOTALL,
)


def faults(source: str) -> Iterator[int]:
    """Yield the line of each string with SQL that spans several lines of the source."""
    tree = ast.parse(source)
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    checked: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or id(node) in described | checked:
            continue
        text = _text(node)
        if text is not None:
            # The parts of a longer string are checked with it.
            checked.update(map(id, ast.walk(node)))
            if node.end_lineno != node.lineno and _SQL.search(text):
                yield node.lineno


def _text(node: ast.AST) -> str | None:
    """Return the text of a string, with a blank for each inserted value; None for other nodes."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or " " for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            texts = _text(left), _text(right)
            return None if texts == (None, None) else " ".join(text or "" for text in texts)
    return None


def main(arguments: list[str]) -> int:
    """Check the files; return the exit code."""
    files = map(Path, arguments) if arguments else (ROOT / "scripts/persona_access").rglob("*.py")
    found = [
        f"{file}:{line}: SQL of several lines: write it into a .sql file (base/sql.py)\n"
        for file in sorted(files)
        for line in faults(file.read_text("utf-8"))
    ]
    sys.stdout.writelines(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
