"""Write fields in Tableau's format: columns with their texts, and the instances in sheets."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from persona_access.outputs.release.catalogue import Catalogue, Column, in_words
from persona_access.outputs.tableau.dashboards import RATES, WEEK, Source

# For each type of the dbt contract, without size: Tableau's type of the value, and of the column.
_TYPES = {
    "string": ("string", "129"),
    "date": ("date", "7"),
    "timestamp": ("datetime", "7"),
    "boolean": ("boolean", "11"),
    "integer": ("integer", "3"),
    "bigint": ("integer", "20"),
    "numeric": ("real", "131"),
    "double": ("real", "5"),
}
_FORMATS = {"percent": "p0.0%"}
_WHOLE_NUMBER = "n#,##0;-#,##0"
# For each aggregation of a column: Tableau's word, its prefix, and the kind of result.
_DERIVATIONS = {
    "": ("None", "none", None),
    "sum": ("Sum", "sum", "quantitative"),
    "avg": ("Avg", "avg", "quantitative"),
    "max": ("Max", "max", "quantitative"),
    "count": ("Count", "cnt", "quantitative"),
    "week": ("Week-Trunc", "twk", "quantitative"),
    "calc": ("User", "usr", "quantitative"),
}
# The week that the reader chooses, and the field that shows whether a row belongs to it.
WEEK_PARAMETER = "Week"
CHOSEN_WEEK = "is_chosen_week"
_SUFFIXES = {"quantitative": "qk", "ordinal": "ok", "nominal": "nk"}


@dataclass(frozen=True)
class SourceField:
    """A column of a data source, as Tableau sees it."""

    column: Column
    formula: str = ""
    # The captions of values.
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def datatype(self) -> str:
        """Tableau's type of the value."""
        return self._types[0]

    @property
    def remote_type(self) -> str:
        """Number of the type in the extract."""
        return self._types[1]

    @property
    def is_measure(self) -> bool:
        """Return whether the column is a measure to aggregate, and not a dimension to group by."""
        name = self.column.name
        is_counted = name.startswith("n_") or name.endswith("_days")
        return is_counted or self.column.format == "percent"

    @property
    def kind(self) -> str:
        """Tableau's word for how values relate to each other."""
        if self.is_measure:
            return "quantitative"
        return "nominal" if self.datatype in ("string", "boolean") else "ordinal"

    @property
    def default_format(self) -> str | None:
        """The number format; None means Tableau's default."""
        if self.column.format:
            return _FORMATS[self.column.format]
        return _WHOLE_NUMBER if self.is_measure and self.datatype == "integer" else None

    @property
    def _types(self) -> tuple[str, str]:
        return _TYPES[self.column.data_type.partition("(")[0]]

    def add_column(self, parent: Element) -> None:
        """Add the column with its caption, format and description."""
        attributes = {
            "caption": self.column.caption,
            "datatype": self.datatype,
            "name": f"[{self.column.name}]",
            "role": "measure" if self.is_measure else "dimension",
            "type": self.kind,
        }
        if self.default_format:
            attributes["default-format"] = self.default_format
        if self.column.format == "percent":
            attributes["aggregation"] = "Avg"
        # A user who adds this field must get the weighted rate.
        if self.column.name == "match_rate" or self.column.name == "excess_rate":
            attributes["hidden"] = "true"
        element = SubElement(parent, "column", attributes)
        if self.formula:
            SubElement(element, "calculation", {"class": "tableau", "formula": self.formula})
        if self.aliases:
            names = SubElement(element, "aliases")
            for value, name in self.aliases:
                key = value if self.datatype == "boolean" else f'"{value}"'
                SubElement(names, "alias", {"key": key, "value": name})
        text = SubElement(SubElement(element, "desc"), "formatted-text")
        SubElement(text, "run").text = self.column.description


@dataclass(frozen=True)
class Instance:
    """A column with the aggregation that a sheet uses."""

    name: str
    column: str
    derivation: str
    kind: str

    def add_to(self, parent: Element) -> None:
        """Add the definition that every sheet with this instance needs."""
        SubElement(
            parent,
            "column-instance",
            {
                "column": f"[{self.column}]",
                "derivation": self.derivation,
                "name": f"[{self.name}]",
                "pivot": "key",
                "type": self.kind,
            },
        )


def source_fields(source: Source, catalogue: Catalogue) -> dict[str, SourceField]:
    """Return the fields of a data source: those of its mart, lookups, and calculations."""
    columns = dict(catalogue.marts[source.mart].columns)
    for lookup in source.lookups:
        found = catalogue.marts[lookup.mart].columns
        columns |= {name: found[name] for name in lookup.columns}
    fields = {
        name: SourceField(column, aliases=_aliases(column, catalogue))
        for name, column in columns.items()
    }
    for rate in RATES:
        if source.is_weekly and set(rate.columns) <= set(columns):
            fields[rate.name] = _calculated(
                rate.name, "double", rate.caption, rate.description, rate.formula, "percent"
            )
    if source.is_weekly:
        fields[CHOSEN_WEEK] = _calculated(
            CHOSEN_WEEK,
            "boolean",
            "Is the chosen week",
            "Whether the row is of the week that the reader chose.",
            f"[{WEEK}] = [Parameters].[{WEEK_PARAMETER}]",
            None,
        )
    return fields


def _calculated(
    name: str, data_type: str, caption: str, description: str, formula: str, number: str | None
) -> SourceField:
    column = Column(name, data_type, description, caption, None, number, "none")
    return SourceField(column, formula)


def _aliases(column: Column, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Add the captions of the values of a vocabulary."""
    if column.data_type == "boolean":
        return (("true", "yes"), ("false", "no"))
    return tuple(
        (value, in_words(value)) for value in catalogue.vocabulary(column.name) if "_" in value
    )


def instance(field: str, fields: dict[str, SourceField], *, is_axis: bool = False) -> Instance:
    """Parse a field of a sheet; with `is_axis`, a date is a scale, otherwise a list of values."""
    prefix, _, column = field.rpartition(":")
    derivation, short, kind = _DERIVATIONS[prefix]
    kind = "quantitative" if is_axis else kind or fields[column].kind
    return Instance(f"{short}:{column}:{_SUFFIXES[kind]}", column, derivation, kind)
