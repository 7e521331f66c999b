"""The invented bank: the applications of its personas, and the units of its people.

This is the knowledge of the generator. The rules in seeds/ express the same in another way
(prefixes, priorities, exclusions). The expected results never use the rules, so that a wrong
resolution is detected.
"""

from __future__ import annotations

from typing import NamedTuple


class Persona(NamedTuple):
    """One persona and its applications, each list a blank-separated string."""

    business_unit: str
    mandatory: str
    optional: str = ""
    prohibited: str = ""


BASELINE = "all-staff"

PERSONAS: dict[str, Persona] = {
    BASELINE: Persona("bank-wide", "mail intranet time-sheet", "learning-portal"),
    "accountant": Persona(
        "finance",
        "general-ledger invoice-desk expense-tool",
        "reporting-studio",
        "payments-gateway",
    ),
    "controller": Persona(
        "finance", "general-ledger planning-cube reporting-studio", "consolidation"
    ),
    "finance-lead": Persona(
        "finance", "general-ledger planning-cube consolidation board-pack", "reporting-studio"
    ),
    "trading-assistant": Persona("markets", "trade-capture market-data", "desk-dashboard"),
    "equity-trader": Persona(
        "markets", "order-book trade-capture market-data", "desk-dashboard", "settlement-engine"
    ),
    "rates-trader": Persona(
        "markets",
        "order-book trade-capture market-data rates-pricer",
        "desk-dashboard",
        "settlement-engine",
    ),
    "desk-head": Persona(
        "markets",
        "trade-capture market-data limit-monitor desk-dashboard",
        "order-book",
        "settlement-engine",
    ),
    "settlement-officer": Persona(
        "operations",
        "settlement-engine swift-console break-tracker",
        "reporting-studio",
        "order-book",
    ),
    "payments-officer": Persona(
        "operations",
        "payments-gateway swift-console sanctions-filter",
        "break-tracker",
        "vendor-master",
    ),
    "operations-lead": Persona(
        "operations",
        "settlement-engine break-tracker ops-dashboard",
        "swift-console",
    ),
    "market-risk-analyst": Persona(
        "risk", "risk-engine market-data limit-monitor", "var-studio scenario-lab"
    ),
    "credit-risk-analyst": Persona(
        "risk", "credit-scoring exposure-ledger limit-monitor", "scenario-lab"
    ),
    "branch-adviser": Persona("retail", "branch-teller customer-file card-desk", "mortgage-desk"),
    "branch-manager": Persona(
        "retail", "branch-teller customer-file branch-dashboard cash-vault", "mortgage-desk"
    ),
    "developer": Persona(
        "technology", "source-control build-farm issue-board", "cloud-console", "production-console"
    ),
    "platform-engineer": Persona(
        "technology", "source-control build-farm production-console cloud-console", "secrets-vault"
    ),
    "security-analyst": Persona(
        "technology", "secrets-vault siem-console vulnerability-board", "cloud-console"
    ),
    "service-desk": Persona("technology", "ticket-desk remote-assist identity-desk", "issue-board"),
    "people-partner": Persona("people", "people-records payroll recruiting", "reporting-studio"),
    "legal-counsel": Persona("legal", "contract-store matter-tracker", "data-room"),
    "compliance-officer": Persona(
        "legal", "case-manager sanctions-filter surveillance", "contract-store"
    ),
    "internal-auditor": Persona("audit", "audit-workbench case-manager", "data-room"),
    "collateral-analyst": Persona("operations", "collateral-hub exposure-ledger margin-calls"),
    # In the persona list, but no rule, override or membership assigns it.
    "archive-reviewer": Persona("audit", "archive-search", "data-room"),
}

# In the IAM registry, but in no persona.
UNMODELLED = ("parking-portal", "legacy-crm")

# Second personas of background people: none of their applications is prohibited anywhere.
SECOND_PERSONAS = ("legal-counsel", "people-partner")

LEVELS = ("L1", "L2", "L3", "L4", "L5", "L6")
_LEVEL_WEIGHTS = (6, 8, 5, 3, 1, 1)

_BRANCHES = {
    f"BRN-5{branch:02d}0": (
        f"Branch {branch:02d}",
        "Retail branches",
        4,
        ("branch-adviser",) * 3 + ("branch-manager",) * 3,
    )
    for branch in range(1, 13)
}

# There are no rules for these: the persona list names some people, and training learns the rest.
_WEALTH = {
    f"WLM-11{office}0": (
        f"Wealth office {office}",
        "Wealth management",
        6,
        ("branch-adviser",) * 6,
    )
    for office in range(1, 5)
}

# Cost center: name, department, weight, and the persona of each level (None: not decided yet).
COST_CENTERS: dict[str, tuple[str, str, int, tuple[str | None, ...]]] = {
    "FIN-1010": (
        "Financial accounting",
        "Finance",
        6,
        ("accountant",) * 4 + ("finance-lead",) * 2,
    ),
    "FIN-1020": ("Controlling", "Finance", 4, ("controller",) * 4 + ("finance-lead",) * 2),
    "TRD-2010": (
        "Equities desk",
        "Markets",
        5,
        ("trading-assistant",) + ("equity-trader",) * 3 + ("desk-head",) * 2,
    ),
    "TRD-2020": (
        "Rates desk",
        "Markets",
        5,
        ("trading-assistant",) + ("rates-trader",) * 3 + ("desk-head",) * 2,
    ),
    "OPS-3010": (
        "Settlements",
        "Operations",
        6,
        ("settlement-officer",) * 4 + ("operations-lead",) * 2,
    ),
    "OPS-3020": (
        "Payments",
        "Operations",
        6,
        ("payments-officer",) * 4 + ("operations-lead",) * 2,
    ),
    "OPS-3030": (
        "Reconciliations",
        "Operations",
        3,
        ("settlement-officer",) * 4 + ("operations-lead",) * 2,
    ),
    "RSK-4010": ("Market risk", "Risk", 4, ("market-risk-analyst",) * 6),
    "RSK-4020": ("Credit risk", "Risk", 4, ("credit-risk-analyst",) * 6),
    **_BRANCHES,
    "TEC-6010": ("Application development", "Technology", 8, ("developer",) * 6),
    "TEC-6020": ("Platform", "Technology", 5, ("platform-engineer",) * 6),
    "TEC-6030": ("Security", "Technology", 3, ("security-analyst",) * 6),
    "TEC-6040": ("Service desk", "Technology", 3, ("service-desk",) * 3 + (None,) * 3),
    "TEC-6050": ("Data engineering", "Technology", 4, ("developer",) * 6),
    "HRS-7010": ("People services", "People", 3, ("people-partner",) * 6),
    "LEG-8010": ("Legal", "Legal and compliance", 2, ("legal-counsel",) * 6),
    "LEG-8020": ("Compliance", "Legal and compliance", 3, (None,) + ("compliance-officer",) * 5),
    "AUD-9010": ("Internal audit", "Internal audit", 2, ("internal-auditor",) * 6),
    **_WEALTH,
    "STR-1210": ("Strategy office", "Strategy", 8, (None,) * 6),
}

# Number of people, of 1,000 in a cost center, that the persona list names.
_LISTED = {
    "AUD-9010": 1000,
    "STR-1210": 600,
    # Some cases need these two to be assigned only by rules.
    "FIN-1010": 0,
    "TEC-6040": 0,
    **dict.fromkeys(_WEALTH, 600),
}
_USUALLY_LISTED = 150

# The persona list also names people of the strategy office, but level and cost center do not
# determine their persona: people who are not listed stay unresolved.
MIXED_COST_CENTER = "STR-1210"
MIXED_PERSONAS = ("controller", "market-risk-analyst", "legal-counsel")

# Rules exclude every persona here, so no learned mapping can be suggested.
_EXCLUDED_COST_CENTER = "LEG-8020"


class Cell(NamedTuple):
    """One management level x cost center, and the persona of its people.

    The persona list names `n_listed` of 1,000 people. `unresolved_reason` applies to people
    without a persona.
    """

    management_level: str
    cost_center: str
    cost_center_name: str
    department: str
    persona_id: str | None
    n_listed: int
    is_mixed: bool
    unresolved_reason: str
    weight: int


class Requirement(NamedTuple):
    """One line of the persona list."""

    persona_id: str
    application_id: str
    requirement: str


class Application(NamedTuple):
    """One application of the IAM registry."""

    application_id: str
    application_name: str


def cells() -> list[Cell]:
    """Return every cell with background people, in a fixed order."""
    return [
        Cell(
            level,
            cost_center,
            name,
            department,
            persona,
            _LISTED.get(cost_center, _USUALLY_LISTED),
            cost_center == MIXED_COST_CENTER,
            "no_mapping" if cost_center == _EXCLUDED_COST_CENTER else "low_confidence",
            weight * level_weight,
        )
        for cost_center, (name, department, weight, personas) in COST_CENTERS.items()
        for level, level_weight, persona in zip(LEVELS, _LEVEL_WEIGHTS, personas, strict=True)
    ]


def requirements() -> list[Requirement]:
    """Return the persona list of the core personas, in a fixed order."""
    return [
        Requirement(persona_id, application_id, requirement)
        for persona_id, persona in PERSONAS.items()
        for requirement in ("mandatory", "optional", "prohibited")
        for application_id in getattr(persona, requirement).split()
    ]


def mandatory(*persona_ids: str) -> list[str]:
    """Return the mandatory applications of the personas and the baseline, without duplicates."""
    return list(
        dict.fromkeys(
            application_id
            for persona_id in (BASELINE, *persona_ids)
            for application_id in PERSONAS[persona_id].mandatory.split()
        )
    )


def applications() -> list[Application]:
    """Return the applications that exist at every size, in a fixed order."""
    modelled = dict.fromkeys(requirement.application_id for requirement in requirements())
    return [Application(slug, display_name(slug)) for slug in (*modelled, *UNMODELLED)]


def personas() -> list[dict[str, str | int | None]]:
    """Return the personas that exist at every size, in a fixed order."""
    return [
        {
            "persona_id": persona_id,
            "persona_name": display_name(persona_id),
            "business_unit": persona.business_unit,
        }
        for persona_id, persona in PERSONAS.items()
    ]


def display_name(slug: str) -> str:
    """Turn an id into a name that is marked as invented: 'mail' -> 'Mail (demo)'."""
    return f"{slug.replace('-', ' ').capitalize()} (demo)"


# The contact for access questions: the first of the fixtures.
HEAD_BRID = "1001"

LOCATIONS = ("London (demo)", "Pune (demo)", "Glasgow (demo)")

TITLES = ("Associate", "Analyst", "Specialist", "Manager", "Director", "Head")
