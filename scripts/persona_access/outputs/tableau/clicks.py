"""Define clicks on rows of a dashboard: a click filters the other sheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from persona_access.outputs.release.catalogue import Catalogue
from persona_access.outputs.tableau.dashboards import DASHBOARDS, Dashboard, Sheet, Source
from persona_access.outputs.tableau.data_source import source_id
from persona_access.outputs.tableau.fields import source_fields

# Ends of the names of fields that identify a person, an application, a file.
_IDENTIFYING = ("brid", "_id", "feed", "file_name")


@dataclass(frozen=True)
class Click:
    """A click on a row of a sheet, which filters other sheets of the dashboard by these fields."""

    board: Dashboard
    sheet: Sheet
    target: Source
    filtered: tuple[Sheet, ...]
    fields: tuple[str, ...]


def clicks(catalogue: Catalogue) -> Iterator[Click]:
    """Yield the clicks of each sheet: one for each data source of the other sheets.

    In sheets of the same data source, all fields filter. In sheets of another one, only
    identifiers of people and things filter: other fields with the same name can count different
    rows there.
    """
    for board in DASHBOARDS:
        sheets = [sheet for row in board.sheets for sheet in row]
        for sheet in sheets:
            rows = tuple(field for field in sheet.rows if ":" not in field)
            others = [one for one in sheets if one is not sheet]
            for target in dict.fromkeys(one.source for one in others):
                fields = rows
                if target is not sheet.source:
                    known = source_fields(target, catalogue)
                    fields = tuple(
                        name for name in rows if name in known and name.endswith(_IDENTIFYING)
                    )
                if fields:
                    filtered = tuple(one for one in others if one.source is target)
                    yield Click(board, sheet, target, filtered, fields)


def add_actions(root: Element, catalogue: Catalogue) -> None:
    """Make a click on a row filter the other sheets of the dashboard.

    Tableau Desktop refuses an action without a link that names the fields.
    """
    actions = SubElement(root, "actions")
    used: dict[Source, dict[str, None]] = {}
    for n, click in enumerate(clicks(catalogue), start=1):
        title = f"Filter by {click.sheet.title}"
        action = SubElement(actions, "action", {"caption": title, "name": f"[Action{n}]"})
        SubElement(action, "activation", {"auto-clear": "true", "type": "on-select"})
        SubElement(
            action,
            "source",
            {"dashboard": click.board.name, "type": "sheet", "worksheet": click.sheet.title},
        )
        SubElement(
            action,
            "link",
            {
                "caption": title,
                "delimiter": ",",
                "escape": "\\",
                "expression": _link(click),
                "include-null": "true",
                "multi-select": "true",
                "url-escape": "true",
            },
        )
        command = SubElement(action, "command", {"command": "tsc:tsl-filter"})
        left_out = [
            one.title for row in click.board.sheets for one in row if one not in click.filtered
        ]
        SubElement(command, "param", {"name": "exclude", "value": ",".join(left_out)})
        SubElement(command, "param", {"name": "target", "value": click.board.name})
        for source in (click.sheet.source, click.target):
            used.setdefault(source, {}).update(dict.fromkeys(click.fields))
    sources = SubElement(actions, "datasources")
    for source in used:
        SubElement(sources, "datasource", {"caption": source.caption, "name": source_id(source)})
    for source, names in used.items():
        fields = source_fields(source, catalogue)
        needed = SubElement(actions, "datasource-dependencies", {"datasource": source_id(source)})
        for name in names:
            fields[name].add_column(needed)


def _link(click: Click) -> str:
    """Return the link that sets fields of the filtered sheets to the values of the clicked row."""
    source, target = source_id(click.sheet.source), source_id(click.target)
    taken = (
        f"{quote(f'[{target}].[{name}]', safe='')}~s0=<[{source}].[{name}]~na>"
        for name in click.fields
    )
    return f"tsl:{quote(click.board.name, safe='')}?{'&'.join(taken)}"
