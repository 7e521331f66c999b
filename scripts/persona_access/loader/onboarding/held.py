"""Suggest rules from a first delivery: which persona's applications a cost center's people hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from persona_access.base.contracts import Contract
from persona_access.base.settings import Settings
from persona_access.base.sql import statement
from persona_access.loader.feed_mappings.read import parse_mapping
from persona_access.loader.onboarding.proposal import Proposal
from persona_access.loader.onboarding.trial import reading_trial
from persona_access.loader.onboarding.writing import mapping_text
from persona_access.loader.session import name as sql_name
from persona_access.loader.session import open_session

# With fewer people, matching access can be chance. The fit is 1 if the persona lists exactly the
# access that is held.
_MIN_PEOPLE, _MIN_FIT, _MIN_MARGIN = 5, 0.6, 0.1
_FEEDS = {
    "headcount": ("hr_headcount", ("brid", "employment_status", "management_level", "cost_center")),
    "registry": ("iam_app_registry", ("brid", "application_id")),
    "persona_list": ("persona_list", ("persona_id", "application_id", "requirement")),
}
# To compare identifiers of two systems, remove domain, case and leading zeros.
_BRID = r"ltrim(lower(regexp_replace(trim(brid), '^.*\\\\', '')), '0')"


def suggested_rules(
    settings: Settings, proposals: Sequence[Proposal], contracts: Mapping[str, Contract]
) -> list[dict[str, str]]:
    """Return a rule for each level and cost center whose people clearly hold one persona's access.

    Empty if a feed is missing or a file has open questions. Access shows what people have, not
    what they should have: each rule states the number of people behind it, and is not approved.
    Raises RefusalError if a load would refuse a file.
    """
    of_feed = {
        feed: [proposal for proposal in proposals if proposal.feed == feed]
        for feed, _ in _FEEDS.values()
    }
    if not all(of_feed.values()) or any(proposal.questions for proposal in proposals):
        return []
    with ExitStack() as trials:
        relations = {}
        for part, (feed, columns) in _FEEDS.items():
            selected = ", ".join(map(sql_name, columns))
            queries = []
            for proposal in of_feed[feed]:
                file = settings.feeds / f"{proposal.document['source']}.yml"
                mapping = parse_mapping(mapping_text(proposal), file, dict(contracts))
                trial = reading_trial(settings, proposal.file, mapping, contracts[feed])
                _, _, relation = trials.enter_context(trial)
                queries.append(f"select {selected} from {relation}")  # noqa: S608 - our names
            relations[part] = f"({' union all '.join(queries)})"
        session = trials.enter_context(
            open_session(memory_limit=settings.memory_limit, spill=settings.raw / ".spill")
        )
        rows = session.execute(
            statement(__package__, "held", brid_key=_BRID, **relations),
            {"min_people": _MIN_PEOPLE, "min_fit": _MIN_FIT, "min_margin": _MIN_MARGIN},
        ).fetchall()
    return [
        {
            "rule_id": f"R-{number:04}",
            "rule_version": "1",
            "effect": "assign",
            "management_level": level,
            "cost_center": cost_center,
            "persona_id": persona_id,
            "is_null_matched": "false",
            "rationale": (
                f"Suggested by access: {n_holding} of {n_people} people hold at least four "
                f"fifths of the access of {persona_id} (fit {fit:.2f})."
            ),
        }
        for number, (level, cost_center, persona_id, n_people, n_holding, fit) in enumerate(rows, 1)
    ]
