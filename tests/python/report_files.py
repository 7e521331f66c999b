"""Read the data files of a web report in the way that its pages do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def documents(report: Path, pattern: str) -> list[Document]:
    """Read data files in the way that pages do."""
    found = []
    for file in sorted((report / "data").glob(pattern)):
        call, text = file.read_text("utf-8").removesuffix("'));\n").split("JSON.parse('", 1)
        assert call == f"report.put('{file.relative_to(report / 'data').with_suffix('')}',"
        found.append(json.loads(text.replace("\\'", "'").replace("\\\\", "\\")))
    return found


def cells(document: Document, name: str) -> list[Any]:
    """Read a column of a table's file in either format."""
    values = document["columns"][name]
    if isinstance(values, dict):
        return [values["values"][code - 1] if code else None for code in values["codes"]]
    assert isinstance(values, list)
    return values
