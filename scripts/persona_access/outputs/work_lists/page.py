"""The review page: one file a reviewer, which needs neither a server nor a network.

It holds the lines and codes of that reviewer alone, keeps answers in the browser until they are
saved, and saves a file of the feed `review_decisions`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Template

from persona_access.base.list_codes import ANSWER_COLUMNS, ATTESTATION, item_code
from persona_access.base.queries import Record
from persona_access.outputs.templates import template_environment
from persona_access.outputs.work_lists import words


def write_page(
    file: Path, title: str, reviewer: str, week: date, items: Sequence[Record], key: str | None
) -> None:
    """Write the page of one reviewer's list; equal input gives equal bytes."""

    def code(item_id: str) -> str:
        return item_code(key, reviewer, week, item_id) if key else ""

    document = {
        "reviewer": reviewer,
        "week": week.isoformat(),
        "columns": ANSWER_COLUMNS,
        "reasons": words.WHY_KEPT,
        "attestation": {"id": ATTESTATION, "code": code(ATTESTATION)},
        "items": [_line(item, code(item["item_id"])) for item in items],
    }
    page = _template().render(
        title=title,
        attestation=words.ATTESTATION,
        reasons=words.WHY_KEPT,
        style=_asset("review.css"),
        script=_asset("review.js"),
        document=_script_data(document),
    )
    file.write_text(page, "utf-8")


# Thousands of reviewers get a page: what is the same for all is read once.
@cache
def _template() -> Template:
    return template_environment("persona_access.outputs.work_lists").get_template("review.html.j2")


@cache
def _asset(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text("utf-8")


def _script_data(document: dict[str, Any]) -> str:
    """Write JSON that ends no script element, whatever a feed says: it is safe as it is."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _line(item: Record, code: str) -> dict[str, Any]:
    kind = item["finding_type"] or item["item_kind"]
    reason = words.reason(item)
    application = item["application_name"] or item["application_id"]
    return {
        "id": item["item_id"],
        "code": code,
        "kind": kind,
        "choices": words.DECISIONS[kind],
        "group": f"{kind.capitalize()}, {application}: {words.reason_in_general(item)}",
        "why": words.LISTED_AS[item["listed_as"]] if item["item_kind"] == "finding" else "Certify",
        "risk": item["risk_level"],
        "who": item["full_name"] or item["brid"],
        "brid": item["brid"],
        "application": application,
        "reason": reason,
        "peers": words.peers(item),
        "due": item["due_date"].isoformat() if item["due_date"] else None,
        "overdue": item["is_overdue"],
        "privileged": item["is_privileged"],
        "used": item["last_used_date"].isoformat() if item["last_used_date"] else None,
        "action": words.action(item),
        "before": words.decided_so_far(item),
    }
