"""What the reasons for having no persona mean."""

from __future__ import annotations

_REASONS = {
    "ambiguous_rules": "the best rules name different personas; give one of them a priority.",
    "hr_attribute_missing": "the management level or the cost center is empty.",
    "unseen_management_level": "no rule, no pre-trained mapping and nobody with a persona has this "
    "management level.",
    "unseen_cost_center": "no rule, no pre-trained mapping and nobody with a persona has this cost "
    "center.",
    "low_confidence": "no rule answers, and what was learned is not sure enough to assign.",
    "no_mapping": "level and cost center are known, but nothing answers for the pair of them.",
}


def in_words(unresolved_reason: str) -> str:
    """Write the reason why somebody has no persona with what it means."""
    meaning = _REASONS.get(unresolved_reason)
    return f"{unresolved_reason}: {meaning}" if meaning else unresolved_reason
