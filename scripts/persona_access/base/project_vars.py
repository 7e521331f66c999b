"""Declare the vars of dbt_project.yml, and the values that each accepts.

A var that is not declared here is refused, so that a mistyped name is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import inf
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError

Check = Callable[[Any], Any]


def _allowed(words: str, is_allowed: Callable[[Any], bool]) -> Check:
    def check(value: Any) -> Any:
        if not is_allowed(value):
            raise ValueError(words)
        return value

    return check


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any, least: int, most: int = 2**31 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_date(value: Any) -> bool:
    if isinstance(value, date):
        return not isinstance(value, datetime)
    try:
        return bool(date.fromisoformat(value)) and len(value) == len("2026-10-05")
    except (TypeError, ValueError):
        return False


def _is_prefixes(value: Any) -> bool:
    return _is_words(value) and all(re.fullmatch(r"[A-Z0-9][A-Z0-9._-]*", word) for word in value)


def _is_shares(value: Any) -> bool:
    return isinstance(value, dict) and "default" in value


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)


# No two dates are more than a century apart.
Days = Annotated[
    int,
    PlainValidator(
        _allowed("a whole number of days up to 36500", lambda v: _is_whole(v, 0, 36500))
    ),
]
Weeks = Annotated[
    int,
    PlainValidator(_allowed("a whole number of weeks up to 5200", lambda v: _is_whole(v, 1, 5200))),
]
AtLeastOne = Annotated[
    int, PlainValidator(_allowed("a whole number of at least 1", lambda v: _is_whole(v, 1)))
]
Count = Annotated[int, PlainValidator(_allowed("a whole number", lambda v: _is_whole(v, 0)))]
Percent = Annotated[
    int,
    PlainValidator(
        _allowed("a whole number from 1 to 100", lambda v: _is_whole(v, 1) and v <= 100)
    ),
]
Positive = Annotated[
    float, PlainValidator(_allowed("a number above 0", lambda v: _is_number(v) and 0 < v < inf))
]
Share = Annotated[
    float,
    PlainValidator(_allowed("a number from 0 to 1", lambda v: _is_number(v) and 0 <= v <= 1)),
]
# A feed can more than double in size.
Growth = Annotated[
    float,
    PlainValidator(_allowed("a number of at least 0", lambda v: _is_number(v) and 0 <= v < inf)),
]
Day = Annotated[
    date | None,
    PlainValidator(
        _allowed("a date such as 2026-10-05, or null", lambda v: v is None or _is_date(v))
    ),
]
Word = Annotated[
    str | None,
    PlainValidator(
        _allowed("the name of a required feed, or null", lambda v: v is None or isinstance(v, str))
    ),
]
Prefixes = Annotated[
    list[str],
    PlainValidator(
        _allowed('a list of words in capitals and digits such as ["SVC", "BOT"]', _is_prefixes)
    ),
]


_WITH_DEFAULT = _allowed(
    "a mapping of feeds to shares that has `default` for all others", _is_shares
)


class _Vars(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SlaDays(_Vars):
    """Days until excess access must be removed, by reason."""

    leaver: Days
    early_access: Days
    prohibited_for_persona: Days
    orphan_account: Days
    requirement_withdrawn: Days
    never_expected: Days


class MaxShares(_Vars):
    """Shares of the people employed, or of the rows of a feed, by gate."""

    unresolved_share: Share
    unreadable_keys: Share


class SpikeShares(_Vars):
    """Shares of the people employed, by gate."""

    leavers_spike: Growth
    excess_spike: Growth
    missing_spike: Growth
    unresolved_spike: Growth


class SpikeCounts(_Vars):
    """Rows or people, by gate."""

    leavers_spike: Count
    excess_spike: Count
    missing_spike: Count
    unresolved_spike: Count


class CauseStrengths(_Vars):
    """Percent of a finding that a kind of cause claims, by kind."""

    feed_fault: Percent
    persona_unknown: Percent
    offboarding_incomplete: Percent
    access_before_start: Percent
    spelling: Percent
    prohibited_held: Percent
    application_replaced: Percent
    application_retired: Percent
    rule_moved_people: Percent
    move_incomplete: Percent
    requirement_absent: Percent
    requirement_not_real: Percent
    requirement_of_other_units: Percent
    orphan_cluster: Percent
    access_lost_together: Percent
    provisioning_batch: Percent
    assignment_not_real: Percent
    provisioning_gap: Percent
    peer_outlier: Percent
    person_without_access: Percent
    person: Percent


class ReorganisedCostCenter(_Vars):
    """When a cost center counts as reorganised: its people differ from the learned ones."""

    min_people: AtLeastOne
    min_recorded_percent: Percent
    max_left_percent: Percent


class ProjectVars(_Vars):
    """Every var of the project; dbt_project.yml says what each means, and its value."""

    as_of_date: Day = None
    feed_max_age_days: Days
    week_feed: Word
    retention_weeks: Weeks
    silent_application_weeks: Weeks
    quarantine_doubt_weeks: Weeks
    weeks_in_detail: Weeks
    mover_grace_days: Days
    missing_sla_days: Days
    finding_sla_days: SlaDays
    decision_days: Days
    revocation_days: Days
    reassignments_allowed: AtLeastOne
    dormant_days: Days
    pretrained_min_precision: Share
    suggestion_min_shared_access: Share
    reorganised_cost_center: ReorganisedCostCenter
    pretrained_min_newly_known: Count
    pretrained_max_age_days: Days
    pretrained_expires_after_days: Days
    non_human_brid_prefixes: Prefixes
    alias_suggestion_min_overlap: Share
    alias_suggestion_min_holder_share: Share
    cause_min_findings: AtLeastOne
    cause_settled_weeks: Weeks
    cause_alert_findings: AtLeastOne
    persona_most_share: Share
    persona_stability_weeks: Weeks
    peer_prior_people: AtLeastOne
    cause_strengths: CauseStrengths
    feed_max_shrink_share: Annotated[dict[str, Share], BeforeValidator(_WITH_DEFAULT)]
    feed_max_growth_share: Annotated[dict[str, Growth], BeforeValidator(_WITH_DEFAULT)]
    column_max_shift_share: Share
    week_max_shares: MaxShares
    week_min_count: Count
    week_max_spike_shares: SpikeShares
    week_min_spikes: SpikeCounts
    anomaly_max_deviations: Positive
    anomaly_weeks: Weeks
    anomaly_min_difference: Count


def faults_of_vars(given: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Any, str]]:
    """List the wrong vars: place in the file, value, and what is allowed."""
    try:
        ProjectVars.model_validate(given)
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_url=False):
            allowed = str(fault.get("ctx", {}).get("error", ""))
            if fault["type"] == "extra_forbidden":
                allowed = "only vars that base/project_vars.py declares"
            elif fault["type"] == "missing":
                allowed = "a value, as in the dbt_project.yml that the project ships"
            elif not allowed:
                allowed = "a mapping of names to values"
            value = None if fault["type"] == "missing" else fault["input"]
            faults.append((tuple(str(part) for part in fault["loc"]), value, allowed))
        return faults
    return []
