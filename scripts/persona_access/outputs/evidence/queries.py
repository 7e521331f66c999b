"""The queries of an evidence pack: `<name>.sql` for each file, each with a total order.

Each can use $week, $previous_week (null in the first week) and $invocation_id; `waivers`,
`overrides`, `non_human_accounts`, `mapping_rules` and `account_candidates` are the decisions that
the week read.
"""

from __future__ import annotations

from functools import partial

from persona_access.base.sql import statement
from persona_access.base.week_inputs import INPUTS

_in_file = partial(statement, __package__)
# The number of days of PCI DSS 4.0.1, 8.2.6, for unused access. A pack uses it even if the var
# dormant_days asks reviewers sooner.
UNUSED_DAYS = 90

BUILD = _in_file("build")
TESTS = _in_file("tests")

# The queries that have parts, or are not in a file of this folder.
_OTHERS = {
    "inputs": INPUTS,
    "findings_opened": _in_file("findings_changed", is_closed="false"),
    "findings_closed": _in_file("findings_changed", is_closed="true"),
    "last_used": _in_file("last_used", unused_days=UNUSED_DAYS),
    "unused": _in_file("unused", unused_days=UNUSED_DAYS),
}
_NAMES = (
    "files", "row_tie_out", "quarantine", "inputs", "rules_in_force", "population", "results",
    "exceptions", "findings_open", "findings_opened", "findings_closed", "review_population",
    "review_decisions", "removals", "attestations", "campaigns", "privileged", "last_used",
    "unused", "segregation_of_duties", "orphan_accounts", "persona_quality", "checks", "tests",
)  # fmt: skip
# The query of each file in the pack.
MEMBERS = {f"{name}.csv": _OTHERS.get(name) or _in_file(name) for name in _NAMES}
