"""The first page of the dbt documentation leads to pages that exist."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_link_of_the_overview_names_a_model(project_root: Path) -> None:
    text = (project_root / "models" / "docs.md").read_text("utf-8")
    links = re.findall(r"\]\(#!/model/model\.persona_access\.(\w+)\)", text)
    models = {file.stem for file in (project_root / "models").rglob("*.sql")}
    assert len(links) > 15
    assert [name for name in links if name not in models] == []
