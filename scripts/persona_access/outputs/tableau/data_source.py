"""Write a data source in Tableau's format: the extract, and the texts of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree.ElementTree import Element, SubElement

from persona_access.outputs.release.catalogue import Catalogue
from persona_access.outputs.tableau.dashboards import Source
from persona_access.outputs.tableau.fields import (
    WEEK_PARAMETER,
    Instance,
    SourceField,
    instance,
    source_fields,
)

EXTRACTS = "Data/Extracts"
VERSION = "18.1"
# The colors of the report: statuses, then risks.
_COLORS = {
    "match": "#176b3a",
    "missing": "#8a5300",
    "excess": "#b3261e",
    "unassessed": "#5a4b9c",
}
_OVERDUE = {"true": "#b3261e", "false": "#0b57b0"}
_MOVEMENTS = {"joiner": "#176b3a", "rehire": "#0b57b0", "mover": "#8a5300", "leaver": "#b3261e"}
_RISKS = {"critical": "#8c1d5b", "high": "#b3261e", "medium": "#8a5300", "low": "#566070"}
_COLORED = {
    "reconciliation_status": _COLORS,
    "finding_type": _COLORS,
    "risk_level": _RISKS,
    "is_overdue": _OVERDUE,
    "movement_type": _MOVEMENTS,
}


def source_id(source: Source) -> str:
    """Return the name by which sheets refer to the data source."""
    return f"federated.{source.name}"


def data_source(source: Source, catalogue: Catalogue) -> Element:
    """Describe a data source, for a workbook or for a file of its own."""
    fields = source_fields(source, catalogue)
    root = Element(
        "datasource",
        {
            "caption": source.caption,
            "inline": "true",
            "name": source_id(source),
            "version": VERSION,
        },
    )
    _add_connection(root, source, fields)
    SubElement(root, "aliases", {"enabled": "yes"})
    for field in fields.values():
        field.add_column(root)
    colored = [instance(name, fields) for name in _COLORED if name in fields]
    for found in colored:
        found.add_to(root)
    _add_folders(root, fields)
    SubElement(
        root,
        "layout",
        {
            "dim-ordering": "alphabetic",
            "measure-ordering": "alphabetic",
            "show-structure": "true",
        },
    )
    _add_colors(root, source, fields, colored)
    return root


def _add_connection(root: Element, source: Source, fields: dict[str, SourceField]) -> None:
    connection = SubElement(root, "connection", {"class": "federated"})
    named = SubElement(
        SubElement(connection, "named-connections"),
        "named-connection",
        {"caption": source.caption, "name": f"hyper.{source.name}"},
    )
    SubElement(
        named,
        "connection",
        {
            "authentication": "auth-none",
            "author-locale": "en_US",
            "class": "hyper",
            "dbname": f"{EXTRACTS}/{source.name}.hyper",
            "default-settings": "yes",
            "schema": "Extract",
            "sslmode": "",
            "username": "tableau_internal_user",
        },
    )
    SubElement(
        connection,
        "relation",
        {
            "connection": f"hyper.{source.name}",
            "name": "Extract",
            "table": "[Extract].[Extract]",
            "type": "table",
        },
    )
    records = SubElement(connection, "metadata-records")
    stored = {name: field for name, field in fields.items() if not field.formula}
    for ordinal, (name, field) in enumerate(stored.items()):
        record = SubElement(records, "metadata-record", {"class": "column"})
        for tag, text in (
            ("remote-name", name),
            ("remote-type", field.remote_type),
            ("local-name", f"[{name}]"),
            ("parent-name", "[Extract]"),
            ("remote-alias", name),
            ("ordinal", str(ordinal)),
            ("local-type", field.datatype),
            ("aggregation", "Sum" if field.is_measure else "Count"),
            ("contains-null", "true"),
        ):
            SubElement(record, tag).text = text


def _add_folders(root: Element, fields: dict[str, SourceField]) -> None:
    folders: dict[str, list[str]] = {}
    for name, field in fields.items():
        if field.column.folder:
            folders.setdefault(field.column.folder, []).append(name)
    common = SubElement(root, "folders-common")
    for folder, names in sorted(folders.items()):
        element = SubElement(common, "folder", {"name": folder})
        for name in names:
            SubElement(element, "folder-item", {"name": f"[{name}]", "type": "field"})


def _add_colors(
    root: Element, source: Source, fields: dict[str, SourceField], colored: list[Instance]
) -> None:
    """Give each status the same color in every sheet, as a value and as a measure."""
    rule = SubElement(SubElement(root, "style"), "style-rule", {"element": "mark"})
    measures = {
        f"[{source_id(source)}].[sum:n_{status}:qk]": color
        for status, color in _COLORS.items()
        if f"n_{status}" in fields
    }
    palettes = {":Measure Names": measures} | {
        found.name: _COLORED[found.column] for found in colored
    }
    for name, colors in palettes.items():
        encoding = SubElement(
            rule, "encoding", {"attr": "color", "field": f"[{name}]", "type": "palette"}
        )
        for value, color in colors.items():
            bucket = value if value in ("true", "false") else f'"{value}"'
            SubElement(SubElement(encoding, "map", {"to": color}), "bucket").text = bucket


def parameters(weeks: Sequence[date]) -> Element:
    """Return the parameter that the reader sets: the week; the default is the newest."""
    root = Element(
        "datasource",
        {
            "hasconnection": "false",
            "inline": "true",
            "name": "Parameters",
            "version": VERSION,
        },
    )
    SubElement(root, "aliases", {"enabled": "yes"})
    add_week_parameter(root, weeks)
    return root


def add_week_parameter(parent: Element, weeks: Sequence[date]) -> None:
    """Add the parameter with the weeks to choose from."""
    newest = f"#{max(weeks)}#"
    column = SubElement(
        parent,
        "column",
        {
            "caption": WEEK_PARAMETER,
            "datatype": "date",
            "name": f"[{WEEK_PARAMETER}]",
            "param-domain-type": "list",
            "role": "measure",
            "type": "ordinal",
            "value": newest,
        },
    )
    SubElement(column, "calculation", {"class": "tableau", "formula": newest})
    members = SubElement(column, "members")
    for week in sorted(weeks, reverse=True):
        SubElement(members, "member", {"value": f"#{week}#"})
