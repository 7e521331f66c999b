"""Explain the reasons why a person has no persona."""

from __future__ import annotations

_REASONS = {
    "ambiguous_rules": "the best rules name different personas; give one of them a priority.",
    "hr_attribute_missing": "the management level or the cost center is empty.",
    "unseen_management_level": "no rule, no pre-trained mapping and nobody with a persona has this "
    "management level.",
    "unseen_cost_center": "no rule, no pre-trained mapping and nobody with a persona has this cost "
    "center.",
    "low_confidence": "no rule matches, and the learned mapping is not certain enough to "
    "assign a persona.",
    "no_mapping": "level and cost center are known, but no rule or mapping matches both together.",
}


def in_words(unresolved_reason: str) -> str:
    """Return the reason why a person has no persona, with its explanation."""
    meaning = _REASONS.get(unresolved_reason)
    return f"{unresolved_reason}: {meaning}" if meaning else unresolved_reason
