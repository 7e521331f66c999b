"""The review page: one file for each reviewer, which needs neither a server nor a network.

It has only the lines and codes of that reviewer, keeps answers in the browser until they are saved,
and saves a file of the feed `review_decisions`.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Template

from persona_access.base.list_codes import ANSWER_COLUMNS, ATTESTATION
from persona_access.outputs.templates import template_environment
from persona_access.outputs.work_lists import words


def write_page(
    file: Path,
    title: str,
    reviewer: str,
    delegate: str | None,
    week: date,
    items: str,
    code: str,
) -> None:
    """Write the page of a reviewer's or delegate's list; equal input gives equal bytes.

    `items` are the lines as a JSON list; `code` is the code of the line that signs the whole list.
    """
    document = {
        "reviewer": reviewer,
        "delegate": delegate,
        "week": week.isoformat(),
        "columns": ANSWER_COLUMNS,
        "reasons": words.WHY_KEPT,
        "choices": words.DECISIONS,
        "attestation": {"id": ATTESTATION, "code": code},
    }
    page = _template().render(
        title=title,
        attestation=words.ATTESTATION,
        reasons=words.WHY_KEPT,
        style=_asset("review.css"),
        script=_asset("review.js"),
        document=_script_data(f'{json.dumps(document)[:-1]},"items":{items}}}'),
    )
    file.write_text(page, "utf-8")


# Thousands of reviewers get a page: the common parts are read once.
@cache
def _template() -> Template:
    return template_environment("persona_access.outputs.work_lists").get_template("review.html.j2")


@cache
def _asset(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text("utf-8")


def _script_data(text: str) -> str:
    """Write JSON that no text of a feed can turn into the end of a script element."""
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
