"""The command `persona-access onboard`."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from persona_access.base.errors import EXIT_REFUSED, PersonaAccessError
from persona_access.base.printable import counted, printable
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, reporting

if TYPE_CHECKING:
    from persona_access.base.contracts import Contract
    from persona_access.base.settings import Settings
    from persona_access.loader.onboarding.proposal import Proposal
    from persona_access.loader.onboarding.scratch import Implied, Scratch


def onboard(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True, dir_okay=False, help="Files as the source systems deliver them."
        ),
    ] = None,
    feed: Annotated[str | None, typer.Option(help="The feed of the files, if known.")] = None,
    author: Annotated[
        str | None,
        typer.Option(
            help="Who proposes the mappings (default: you); somebody else must approve them."
        ),
    ] = None,
    is_check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare with the existing mappings, and print the differences."
        ),
    ] = False,
    is_from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch",
            help="Make the drop zone, the folders of mappings and decisions, and the first rules.",
        ),
    ] = False,
    max_age_days: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[FEED=]DAYS",
            help="For how many days weeks use a file, such as persona_list=35 for a monthly file.",
        ),
    ] = None,
    is_asking: Annotated[
        bool,
        typer.Option("--ask/--no-ask", help="Ask about uncertain points on the terminal."),
    ] = True,
    is_json: AsJson = False,
) -> None:
    """Propose a feed mapping for each file, test it on the whole file, and write it to `feeds/`.

    The command asks about uncertain points on a terminal; elsewhere each stays a QUESTION in the
    written file, and nothing is guessed. Once every question is answered and the mapping is
    approved, the next load reads the files of that source.

    Example: persona-access onboard "HR Headcount Nov.csv" "IAM Registry.csv" "Personas.xlsx"
    """
    from persona_access.base.contracts import read_contracts
    from persona_access.base.identity import user
    from persona_access.base.week_build import project_vars
    from persona_access.loader.onboarding.period import days_of_names, declare_periods
    from persona_access.loader.onboarding.trial import (
        known_identifiers,
        propose_all,
        read_tables,
    )

    settings = load_settings()
    contracts = read_contracts(settings.models)
    ages = _ages(max_age_days or [], contracts)
    if feed is not None and feed not in contracts:
        raise typer.BadParameter(f"there is no feed {feed}; write one of {', '.join(contracts)}")
    if not files and not is_from_scratch:
        raise typer.BadParameter("give the files for which to propose a mapping")
    with reporting(is_json=is_json) as out:
        scratch = _start(out, settings) if is_from_scratch else None
        chosen = contracts if feed is None else {feed: contracts[feed]}
        tables, refused = read_tables(files or [])
        proposals = propose_all(tables, chosen, known_identifiers(settings, contracts))
        max_age = project_vars(settings)["feed_max_age_days"]
        is_person_here = is_asking and not is_json and sys.stdin.isatty()
        declare_periods(
            [proposal for _, proposal in proposals],
            ages,
            max_age_days=max_age,
            today=dt.datetime.now(dt.UTC).date(),
            is_asking=is_person_here,
        )
        settled: list[Proposal] = []
        out.document["mappings"] = []
        left: list[str] = []
        for _, proposal in proposals:
            out.heading(f"{proposal.file.name}: {proposal.feed} ({proposal.feed_confidence:.0%})")
            if is_person_here:
                proposal = _ask(proposal)
            settled.append(proposal)
            proposal.document["author"] = author or user()
            # An error in one file does not stop the mappings of the others.
            try:
                implied = _rules_of(settings, proposal, contracts) if scratch else None
                _settle(out, settings, proposal, contracts, is_check=is_check)
                if scratch is not None and implied is not None:
                    left += _write_rules(out, proposal, implied, scratch)
            except PersonaAccessError as error:
                refused[proposal.file] = str(error)
                continue
            if scratch is not None:
                left += _deliver(out, settings, proposal, scratch)
        for file, sentence in refused.items():
            out.heading(file.name)
            out.say(sentence)
            out.exit_code = EXIT_REFUSED
        out.document["refused"] = {str(file): sentence for file, sentence in refused.items()}
        days = days_of_names(settled)
        left += _days_apart(settled, days, max_age)
        if scratch is None:
            for sentence in left:
                out.say(sentence)
        else:
            feeds = {proposal.feed for proposal in settled}
            is_somebody_known = "persona_members" in feeds or out.document.get("rules")
            is_left_open = bool(feeds) and not is_somebody_known
            if is_left_open and not refused:
                left += _suggest_rules(out, settings, settled, contracts, scratch)
            _say_what_next(out, settings, scratch, left, days, max_age, is_left_open=is_left_open)


def _start(out: Output, settings: Settings) -> Scratch:
    """Make the folders of a new organisation."""
    from persona_access.loader.onboarding.scratch import make_folders

    scratch = make_folders(settings)
    out.document["from_scratch"] = {
        "drop_zone": scratch.drop_zone,
        "feeds": scratch.feeds,
        "decisions": scratch.decisions,
        "written": list(scratch.written),
    }
    out.heading("A new organisation")
    out.say(f"Files arrive in {scratch.drop_zone}; their mappings are in {scratch.feeds}.")
    out.say(
        f"Decisions are in {scratch.decisions}: {counted(len(scratch.written), 'file')} written, "
        "each with only its header."
    )
    return scratch


def _rules_of(
    settings: Settings, proposal: Proposal, contracts: dict[str, Contract]
) -> Implied | None:
    """Return the rules that a persona list implies by its levels and cost centers.

    If the proposal reads the ids of personas, it declares those of everybody as baseline.
    """
    from persona_access.loader.feed_mappings.read import parse_mapping
    from persona_access.loader.onboarding.scratch import implied, rule_columns
    from persona_access.loader.onboarding.writing import mapping_text

    columns = rule_columns(proposal.unused) if proposal.feed == "persona_list" else None
    if columns is None or proposal.questions:
        return None
    file = settings.feeds / f"{proposal.document['source']}.yml"
    mapping = parse_mapping(mapping_text(proposal), file, contracts)
    found = implied(settings, proposal.file, mapping, contracts[mapping.feed], columns)
    persona = mapping.columns.get("persona_id")
    if found.everybody and persona and persona.from_ and "is_baseline" not in mapping.columns:
        proposal.document["columns"]["is_baseline"] = {
            "from": persona.from_[0],
            "values": dict.fromkeys(found.everybody, "true"),
            "otherwise": "false",
        }
    return found


def _write_rules(
    out: Output, proposal: Proposal, implied: Implied, scratch: Scratch
) -> Iterator[str]:
    """Write the implied rules; yield messages about the remaining steps."""
    from persona_access.loader.onboarding.scratch import RULES, write_rules

    out.document["rules"] = implied.rules
    out.document["baseline"] = implied.everybody
    if implied.everybody:
        out.say(
            f"For every level and cost center: {', '.join(implied.everybody)}. The mapping "
            "reads them as baseline: everybody holds them in addition to their own persona."
        )
    if implied.nobody:
        out.say(
            f"Without level and cost center: {', '.join(implied.nobody)}. No rule assigns "
            "them; if everybody holds them, declare is_baseline in the mapping."
        )
    if not implied.rules:
        return
    if not write_rules(scratch.decisions / RULES, implied.rules):
        out.say(f"{scratch.decisions / RULES} already has rules, so none is proposed.")
        return
    out.say(
        f"Written: {counted(len(implied.rules), 'rule')} in {scratch.decisions / RULES}, from the "
        f"levels and cost centers of {proposal.file.name}."
    )
    yield (
        "Fill in valid_from, owner, author, approved_by and approved_on of the rules in "
        f"{scratch.decisions / RULES}: until then no build uses them."
    )


def _suggest_rules(
    out: Output,
    settings: Settings,
    proposals: Sequence[Proposal],
    contracts: dict[str, Contract],
    scratch: Scratch,
) -> Iterator[str]:
    """Write the rules that access suggests, outside the decisions; yield the next steps."""
    from persona_access.loader.onboarding.held import suggested_rules
    from persona_access.loader.onboarding.scratch import RULES, write_suggestions

    rules = suggested_rules(settings, proposals, contracts)
    out.document["suggested_rules"] = rules
    if not rules:
        return
    file = settings.home / "suggested_rules.csv"
    write_suggestions(file, scratch.decisions / RULES, rules)
    yield (
        "The persona list does not name the holders of a persona. Held access suggests "
        f"{counted(len(rules), 'rule')}, written to {file}. People can hold too much access, so "
        f"check each rule, copy the correct ones to {scratch.decisions / RULES}, and fill in "
        "valid_from, owner, author, approved_by and approved_on."
    )


def _deliver(
    out: Output, settings: Settings, proposal: Proposal, scratch: Scratch
) -> Iterator[str]:
    """Copy a file to the drop zone; yield what must be answered before it can be loaded."""
    from persona_access.base.files import copy_atomically, make_editable

    target = settings.feeds / f"{proposal.document['source']}.yml"
    if proposal.questions:
        yield f"Answer {counted(len(proposal.questions), 'open question')} in {target}."
    place = scratch.drop_zone / proposal.file.name
    if not place.exists():
        copy_atomically(proposal.file, place)
        make_editable(place)
        out.say(f"Copied to {place}.")


def _ages(texts: Sequence[str], feeds: Mapping[str, object]) -> dict[str, int]:
    """Read days by feed; the key '' stands for every feed."""
    from persona_access.base.contracts import LONGEST_AGE_DAYS

    ages = {}
    for text in texts:
        feed, _, days = text.rpartition("=")
        if feed and feed not in feeds:
            raise typer.BadParameter(f"there is no feed {feed}; write one of {', '.join(feeds)}")
        if not days.isdecimal() or not 1 <= int(days) <= LONGEST_AGE_DAYS:
            raise typer.BadParameter(
                f"--max-age-days {text}: write 1 to {LONGEST_AGE_DAYS} days, or FEED=DAYS"
            )
        ages[feed] = int(days)
    return ages


def _days_apart(
    proposals: Sequence[Proposal], days: Mapping[str, dt.date], max_age: int
) -> Iterator[str]:
    """Yield a message for each file that is too old for a week with the newest file."""
    newest = max(days.values(), default=None)
    for proposal in proposals:
        day = days.get(proposal.file.name)
        limit = proposal.document.get("max_age_days") or max_age
        if newest and day and (newest - day).days > limit:
            yield (
                f"{proposal.file.name} is of {day}, and weeks use it for {counted(limit, 'day')}, "
                f"so it gives no complete week with the files of {newest}: get a newer file, or "
                "declare how often the file is delivered (max_age_days in its mapping; for a "
                f"monthly file: onboard --max-age-days {proposal.feed}=35)."
            )


def _say_what_next(
    out: Output,
    settings: Settings,
    scratch: Scratch,
    left: Sequence[str],
    days: Mapping[str, dt.date],
    max_age: int,
    *,
    is_left_open: bool,
) -> None:
    """Show what a person must do, then the commands up to the report."""
    import os

    out.heading("What next")
    for sentence in left:
        out.say(sentence)
    if scratch.decisions != settings.seeds:
        name = os.path.relpath(scratch.decisions, settings.project_root)
        out.say(f"export PERSONA_ACCESS_SEEDS={name}")
    newest = max(days.values(), default=None)
    today = dt.datetime.now(dt.UTC).date()
    is_old = newest is not None and (today - newest).days > max_age
    run = f"persona-access run{f' --due {newest}' if is_old else ''}"
    out.say(f"{run}: loads the files, builds the week, and publishes the report.")
    if is_left_open:
        week = newest or today
        out.say(
            "No input assigns personas to people yet: write rules (management level and cost "
            f"center to persona) to {scratch.decisions / 'mapping_rules.csv'}, or deliver a list "
            "of members. Until then a run stops, because too many people have no persona; "
            f'{run} --accept unresolved_share:{week} --because "No rules yet" publishes a first '
            "report all the same."
        )


def _ask(proposal: Proposal) -> Proposal:
    """Ask about points that the file leaves open; an empty answer keeps the question.

    Return the answered proposal.
    """
    from persona_access.loader.onboarding.proposal import answer

    asked: set[str] = set()
    # An answer can lead to further questions.
    while left := [each for each in proposal.questions if each.text not in asked]:
        question = left[0]
        asked.add(question.text)
        typer.echo(f"\n{question.text}")
        options = list(question.options)
        for number, option in enumerate(options, start=1):
            typer.echo(f"  {number}  {option}")
        is_column = question.place[0] == "columns" and len(question.place) == 2
        constant = ", = and a value for every row" if is_column else ""
        text = typer.prompt(
            f"Number{constant}, or Enter to leave it open", default="", show_default=False
        )
        if text.isdecimal() and 1 <= int(text) <= len(options):
            proposal = answer(proposal, question, question.options[options[int(text) - 1]])
        elif text in options:
            proposal = answer(proposal, question, question.options[text])
        elif is_column and text.startswith("="):
            proposal = answer(proposal, question, {"constant": text[1:].strip()})
        elif text:
            typer.echo(f"'{printable(text)}' is not one of them.")
            asked.discard(question.text)
    return proposal


def _settle(
    out: Output,
    settings: Settings,
    proposal: Proposal,
    contracts: dict[str, Contract],
    *,
    is_check: bool,
) -> None:
    from persona_access.loader.onboarding.trial import difference
    from persona_access.loader.onboarding.writing import mapping_text

    if not (proposal.document.get("columns") or proposal.document.get("unpivot")):
        raise PersonaAccessError(
            f"No column of {printable(proposal.file.name)} looks like one of {proposal.feed}: "
            "check that it is the right file and begins with its header. Nothing was written."
        )
    text = mapping_text(proposal)
    target = settings.feeds / f"{proposal.document['source']}.yml"
    entry: dict[str, Any] = {
        "file": proposal.file.name,
        "feed": proposal.feed,
        "confidence": proposal.feed_confidence,
        "questions": [question.text for question in proposal.questions],
        "columns": {
            name: {
                "from": found.header,
                "confidence": min(found.confidence, 0.99),
                "evidence": list(found.reasons),
            }
            for name, found in proposal.evidence.items()
        },
        "mapping": text,
    }
    out.document["mappings"].append(entry)
    out.table(
        [
            {
                "column": name,
                "delivered as": found["from"],
                "sure": found["confidence"],
                "because": "; ".join(found["evidence"]),
            }
            for name, found in entry["columns"].items()
        ]
    )
    if "max_age_days" in proposal.document:
        out.say(
            f"Weeks use a file for {counted(proposal.document['max_age_days'], 'day')}: "
            f"{proposal.max_age_reason or 'as answered'}."
        )
    for question in proposal.questions:
        out.say(f"Open: {question.text}")
    if is_check:
        entry["difference"] = difference(
            target.read_text("utf-8") if target.is_file() else "", text, target.name
        )
        out.say(entry["difference"] or "The existing mapping fits the file.")
        out.exit_code = EXIT_REFUSED if entry["difference"] else out.exit_code
        return
    if not proposal.questions:
        _try(out, settings, proposal, contracts, text, entry)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise PersonaAccessError(
            f"{target} already exists: compare with --check, or delete it to get a new proposal."
        )
    target.write_text(text, "utf-8")
    entry["written"] = str(target)
    out.say(
        f"Written: {target}. "
        + (
            f"{counted(len(proposal.questions), 'open question')} in the file to answer. "
            if proposal.questions
            else ""
        )
        + "Somebody other than the author must fill in approved_by and approved_on."
    )


def _try(
    out: Output,
    settings: Settings,
    proposal: Proposal,
    contracts: dict[str, Contract],
    text: str,
    entry: dict[str, Any],
) -> None:
    from persona_access.loader.feed_mappings.read import parse_mapping
    from persona_access.loader.onboarding.trial import preview

    name = settings.feeds / f"{proposal.document['source']}.yml"
    mapping = parse_mapping(text, name, contracts)
    found = preview(settings, proposal.file, mapping, contracts[mapping.feed])
    out.say(f"With this mapping, {found.n_loaded:,} of {found.n_rows:,} rows load; the first ones:")
    out.table(found.rows)
    for sentence in (*found.faults, *found.notes):
        out.say(f"  {sentence}")
    entry |= {"n_rows": found.n_rows, "n_loaded": found.n_loaded, "faults": list(found.faults)}
