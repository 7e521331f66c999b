"""Write a proposal as a YAML file for review, with evidence as comments and questions on top."""

from __future__ import annotations

from typing import Any

import yaml

from persona_access.loader.onboarding.proposal import Proposal, Question

_SECTIONS = ("files", "table", "nothing", "columns", "unpivot", "attributes", "ignore")


def mapping_text(proposal: Proposal) -> str:
    """Return the mapping of a proposal as text; uncertain points become questions."""
    head = [
        f"# Proposed from {proposal.file.name}. Read it like a rule: fill in the author, have it",
        "# approved by somebody else, and commit it.",
        *(f"# QUESTION: {_asked(question)}" for question in proposal.questions),
    ]
    top = {key: value for key, value in proposal.document.items() if key not in _SECTIONS}
    days = top.pop("max_age_days", None)
    parts = ["\n".join(head), _dump(top)]
    if days is not None:
        reason = proposal.max_age_reason or "as answered"
        parts.append(
            f"# Number of days for which weeks use a file: {reason}.\nmax_age_days: {days}"
        )
    for section in _SECTIONS:
        value = proposal.document.get(section)
        if section == "columns":
            parts.append(_columns(proposal, value or {}))
        elif value:
            parts.append(_dump({section: value}))
    if proposal.unused:
        listed = ", ".join(proposal.unused)
        parts.append(
            f"# Delivered and not read: {listed}.\n"
            "# List columns to omit below ignore, and columns to keep below attributes."
        )
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


def _asked(question: Question) -> str:
    options = f" One of {', '.join(question.options)}." if question.options else ""
    return f"{question.text}{options} (at {'.'.join(question.place)})"


def _columns(proposal: Proposal, columns: dict[str, Any]) -> str:
    lines = ["columns:"]
    for target, column in columns.items():
        found = proposal.evidence.get(target)
        if found is not None and found.reasons:
            confidence = min(found.confidence, 0.99)
            lines.append(f"  # {confidence:.2f}: {'; '.join(found.reasons)}")
        lines += [f"  {line}" for line in _dump({target: column}).splitlines()]
    return "\n".join(lines)


def _dump(document: dict[str, Any]) -> str:
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
