"""The command `persona-access resolve`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from persona_access.base.printable import counted, described, filled_columns
from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import Output, print_json
from persona_access.questions.reasons import in_words

if TYPE_CHECKING:
    from persona_access.base.queries import Record


def resolve(
    management_level: Annotated[
        str, typer.Option(help="Value as in the HR data; '' for an empty one.")
    ],
    cost_center: Annotated[str, typer.Option(help="Value as in the HR data; '' for an empty one.")],
    department: Annotated[str | None, typer.Option()] = None,
    job_title: Annotated[str | None, typer.Option()] = None,
    worker_type: Annotated[str | None, typer.Option()] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="A further attribute as NAME=VALUE; repeatable."),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Show which persona a person with these attributes would get, and why."""
    from persona_access.questions.resolve import resolve as resolve_attributes

    attributes = {
        "management_level": management_level,
        "cost_center": cost_center,
        "department": department,
        "job_title": job_title,
        "worker_type": worker_type,
        "attributes": _as_json(attribute or []),
    }
    out = Output(is_json=is_json)
    with out.work("resolve"):
        settings = load_settings()
        found = resolve_attributes(settings, attributes)
    if is_json:
        print_json(found)
    else:
        _show(out, found, settings.models)


def _as_json(attributes: list[str]) -> str | None:
    """Return attributes in the format of the raw layer; None if there are none."""
    pairs = [text.partition("=") for text in attributes]
    for name, sign, value in pairs:
        if not (name and sign and value):
            raise typer.BadParameter(f"'{name}{sign}{value}': write --attribute NAME=VALUE")
    found = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return json.dumps(found, sort_keys=True) if found else None


def _show(page: Output, found: Record, models: Path) -> None:
    page.heading(f"{described(found['asked'])}: by the decisions of the build of {found['week']}")
    n_employees = counted(found["people_with_the_pair"], "employee")
    page.say(f"  {n_employees} with this level and cost center.")
    page.heading("Answer")
    for persona in found["personas"]:
        page.say(f"  {described(persona)}")
    reason = found["unresolved_reason"]
    if reason:
        page.say(f"  no persona, because {in_words(models, reason)}")
    for duty in found["duties"]:
        page.say(f"  Segregation of duties, violated by design: {described(duty)}")
    for topic, title in (
        ("rules", "Matching rules, best first"),
        ("pretrained", "Learned mappings, highest confidence first"),
    ):
        page.heading(title)
        page.table(filled_columns(found[topic]) if found[topic] else [])
