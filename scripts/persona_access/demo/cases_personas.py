"""Cases about personas: rules, their versions and gaps, overrides, lists, moves."""

from __future__ import annotations

from persona_access.demo.bank import BASELINE, HEAD_BRID, PERSONAS, mandatory
from persona_access.demo.fixtures import Fixtures, since, until

STAFF = PERSONAS[BASELINE].mandatory.split()


def add_persona_cases(fixtures: Fixtures) -> None:
    """Add all cases of this module to the fixtures."""
    _rules(fixtures)
    _unresolved(fixtures)
    _other_sources(fixtures)
    _several_personas(fixtures)
    _moves(fixtures)


def _rules(fixtures: Fixtures) -> None:
    for case_name, brid, cost_center, level, persona, explanation in (
        ("overlapping_rules", "1044", "OPS-3020", "L2", "payments-officer",
         "The rule for exactly OPS-3020 beats the one for OPS-*."),
        ("longest_prefix", "1045", "RSK-4021", "L2", "credit-risk-analyst",
         "RSK-402* is longer than RSK-*."),
        ("level_beats_wildcard", "1046", "BRN-5030", "L5", "branch-manager",
         "The same prefix twice: the exact level beats the wildcard."),
        ("priority_beats_specificity", "1047", "FIN-1010", "L5", "finance-lead",
         "A wildcard with a priority beats the exact cost center without one."),
        ("exclude_falls_back", "1043", "TRD-2010", "L1", "trading-assistant",
         "L1 is excluded from equity-trader, so the next rule answers."),
        ("rule_opts_in_for_null", "1040", "BRN-5010", None, "branch-adviser",
         "No level, but the rule for BRN-* says that it matches that."),
        ("redundant_rules", "1042", "FIN-1010", "L2", "accountant",
         "Two rules tie on the same persona: a warning, and an answer."),
    ):  # fmt: skip
        person = fixtures.actor(case_name, brid, explanation)
        person.works(cost_center, level).holds(mandatory(persona))
        person.shows(mandatory(persona), "match", "mandatory")

    person = fixtures.actor(
        "two_versions_of_a_rule",
        "1041",
        "LEG-8030 was legal-counsel until week 2, then compliance.",
    )
    both = [*STAFF, "contract-store"]
    new = PERSONAS["compliance-officer"].mandatory.split()
    person.works("LEG-8030", "L3").holds(both).holds(["matter-tracker"], until(4))
    person.holds(new, since(4), granted=fixtures.day(4, -1))
    person.shows(STAFF, "match", "mandatory")
    person.shows(["contract-store", "matter-tracker"], "match", "mandatory", span=until(2))
    person.shows(["contract-store"], "match", "optional", span=since(3))
    person.shows(["matter-tracker"], "excess", "former_persona", "in_grace", span=(3, 4))
    person.shows(new, "missing", "never_granted", "in_sla", span=(3, 3))
    person.shows(new, "match", "mandatory", span=since(4))

    fixtures.actor(
        "persona_no_rule_reaches", "archive-reviewer", "In the list, but nobody gets it."
    ).fact("persona_without_members")


def _unresolved(fixtures: Fixtures) -> None:
    for case_name, brid, cost_center, level, reason, explanation in (
        ("no_mapping", "1035", "RPT-3510", "L7", "no_mapping",
         "Level and cost center are known, but no rule has the two together."),
        ("low_confidence", "1091", "TEC-6040", "L5", "low_confidence",
         "No rule, and what was learned about technology and L5 is not sure enough."),
        ("excluded_from_everything", "1036", "LEG-8020", "L1", "no_mapping",
         "The only rule that matches is excluded for L1."),
        ("unseen_management_level", "1037", "TEC-6040", "L9", "unseen_management_level",
         "Nobody has seen L9 before."),
        ("unseen_cost_center", "1038", "XPR-9999", "L2", "unseen_cost_center",
         "Nobody has seen XPR-9999 before."),
        ("level_missing", "1039", "FIN-1010", None, "hr_attribute_missing",
         "A missing level never matches a wildcard by itself."),
        ("cost_center_missing", "1048", None, "L2", "hr_attribute_missing",
         "HR gives no cost center."),
    ):  # fmt: skip
        person = fixtures.actor(case_name, brid, explanation)
        # The manager alone would lead to a suggestion.
        manager = None if case_name == "no_mapping" else HEAD_BRID
        person.works(cost_center, level, manager=manager).holds([*STAFF, "ticket-desk"])
        person.shows(STAFF, "match", "mandatory").fact(reason)
        person.shows(["ticket-desk"], "unassessed", reason)

    person = fixtures.actor(
        "unmapped_but_baseline_missing", "1049", "Nobody knows the persona, but mail is due anyway."
    )
    person.works("TEC-6040", "L5").holds([app for app in STAFF if app != "mail"])
    person.shows(["mail"], "missing", "never_granted", "open")

    person = fixtures.actor(
        "persona_without_applications", "1052", "The list names new-desk for nobody's applications."
    )
    person.works("FIN-1010", "L2").listed("new-desk").holds([*STAFF, "general-ledger"])
    person.shows(["general-ledger"], "unassessed", "persona_without_applications")


def _other_sources(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "pretrained_mapping",
        "1092",
        "No rule for wealth offices; who is listed there taught what an analyst does.",
    )
    # A title that no known person has leads only to a suggestion.
    person.works("WLM-1120", "L2", title="Analyst, wealth office 2")
    person.holds(mandatory("branch-adviser")).fact("method=pretrained")
    person.shows(mandatory("branch-adviser"), "match", "mandatory")

    controller = PERSONAS["controller"].mandatory.split()
    accountant = PERSONAS["accountant"].mandatory.split()

    person = fixtures.actor(
        "override_beats_rule", "1060", "An accountant by rule, a controller by name."
    )
    person.works("FIN-1010", "L2").holds(mandatory("controller"))
    person.shows(controller, "match", "mandatory")

    person = fixtures.actor(
        "override_beats_list", "1061", "The list says accountant, the override wins."
    )
    person.works("FIN-1010", "L2").listed("accountant").holds(mandatory("controller"))
    person.shows(controller, "match", "mandatory")

    person = fixtures.actor(
        "list_beats_rule", "1062", "The rule says accountant, the list controller."
    )
    person.works("FIN-1010", "L2").listed("controller").holds(mandatory("controller"))
    person.shows(controller, "match", "mandatory")

    person = fixtures.actor(
        "override_expired",
        "1063",
        "The override to controller ended in week 3: an accountant again.",
    )
    person.works("FIN-1010", "L2").holds([*STAFF, "general-ledger", "reporting-studio"])
    person.holds(["planning-cube"], until(4))
    person.holds(["invoice-desk", "expense-tool"], since(4), granted=fixtures.day(4, -3))
    person.shows(controller, "match", "mandatory", span=until(3))
    person.shows(accountant, "match", "mandatory", span=since(4))
    person.shows(["reporting-studio"], "match", "optional", span=since(4))
    person.shows(["planning-cube"], "excess", "former_persona", "in_grace", span=(4, 4))


def _several_personas(fixtures: Fixtures) -> None:
    both = mandatory("settlement-officer", "equity-trader")
    granted = [app for app in both if app not in ("settlement-engine", "order-book")]
    person = fixtures.actor(
        "prohibited_beats_mandatory",
        "1050",
        "Each of two personas prohibits the other's main tool.",
    )
    person.works("OPS-3010", "L3").listed("settlement-officer", "equity-trader")
    person.holds([*granted, "order-book"])
    person.shows(granted, "match", "mandatory")
    person.shows(["order-book"], "excess", "prohibited_for_persona", "open")

    person = fixtures.actor(
        "mandatory_beats_optional",
        "1051",
        "contract-store is mandatory as counsel, optional besides.",
    )
    person.works("LEG-8010", "L3").listed("legal-counsel", "compliance-officer")
    person.holds([*mandatory("compliance-officer"), "matter-tracker"])
    person.shows(["contract-store"], "missing", "never_granted", "open")
    person.shows([*mandatory("compliance-officer"), "matter-tracker"], "match", "mandatory")


def _moves(fixtures: Fixtures) -> None:
    person = fixtures.actor(
        "mover_keeps_old_access",
        "1064",
        "From equities to market risk in week 2; nobody cleaned up.",
    )
    old, new = ["order-book", "trade-capture"], ["risk-engine", "limit-monitor"]
    person.works("TRD-2010", "L3", until(1)).works("RSK-4010", "L3", since(2))
    person.holds([*STAFF, "market-data", *old]).holds(new, since(5), granted=fixtures.day(5, -2))
    person.shows([*STAFF, "market-data"], "match", "mandatory")
    person.shows(old, "match", "mandatory", span=until(1))
    person.shows(old, "excess", "former_persona", "in_grace", span=(2, 3))
    person.shows(old, "excess", "former_persona", "open", span=since(4))
    person.shows(new, "missing", "never_granted", "in_sla", span=(2, 3))
    person.shows(new, "missing", "never_granted", "open", span=(4, 4))
    person.shows(new, "match", "mandatory", span=since(5))

    person = fixtures.actor(
        "move_reverted", "1065", "To controlling in week 2, back to accounting in week 4."
    )
    old, new = ["invoice-desk", "expense-tool"], ["planning-cube", "reporting-studio"]
    person.works("FIN-1010", "L3", until(1)).works("FIN-1020", "L3", (2, 3))
    person.works("FIN-1010", "L3", since(4)).holds([*STAFF, "general-ledger", *old])
    person.holds(["planning-cube"], (3, 5), granted=fixtures.day(3, -2))
    person.holds(["reporting-studio"], since(3), granted=fixtures.day(3, -2))
    person.shows(old, "match", "mandatory", span=until(1))
    person.shows(old, "excess", "former_persona", "in_grace", span=(2, 3))
    person.shows(old, "match", "mandatory", span=since(4))
    person.shows(new, "missing", "never_granted", "in_sla", span=(2, 2))
    person.shows(new, "match", "mandatory", span=(3, 3))
    person.shows(["planning-cube"], "excess", "former_persona", "in_grace", span=(4, 5))
    person.shows(["reporting-studio"], "match", "optional", span=since(4))
