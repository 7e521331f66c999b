"""Write the workbook in Tableau's format: sheets, dashboards, and the windows that show them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from xml.etree.ElementTree import Element, SubElement, register_namespace

from persona_access.outputs.release.catalogue import Catalogue
from persona_access.outputs.tableau.clicks import add_actions
from persona_access.outputs.tableau.dashboards import (
    DASHBOARDS,
    ORDERS,
    RATES,
    SOURCES,
    WEEK,
    Dashboard,
    Sheet,
)
from persona_access.outputs.tableau.data_source import (
    VERSION,
    add_week_parameter,
    data_source,
    parameters,
    source_id,
)
from persona_access.outputs.tableau.fields import (
    CHOSEN_WEEK,
    WEEK_PARAMETER,
    Instance,
    SourceField,
    instance,
    source_fields,
)

_USER = "http://www.tableausoftware.com/xml/user"
register_namespace("user", _USER)
# Tableau writes its build number here; this file was not written by Tableau.
_BUILD = "0.0.0 (0000.0.0.0)"
# Tableau Desktop requires that a workbook declares its sheet identifiers and sorts here.
_FEATURES = ("SheetIdentifierTracking", "SortTagCleanup", "WindowsPersistSimpleIdentifiers")
_NAMES = ":Measure Names"
_VALUES = "Multiple Values"
# Dashboards use units of hundred-thousandths of their width and height.
_WHOLE = 100_000
_TITLE_HEIGHT = 7_000
_FILTER_WIDTH = 14_000


def workbook(catalogue: Catalogue, weeks: Sequence[date]) -> Element:
    """Describe the workbook over the data sources of a release, with the weeks to choose from."""
    root = Element(
        "workbook",
        {
            "original-version": VERSION,
            "source-build": _BUILD,
            "source-platform": "win",
            "version": VERSION,
        },
    )
    manifest = SubElement(root, "document-format-change-manifest")
    for feature in _FEATURES:
        SubElement(manifest, feature)
    sources = SubElement(root, "datasources")
    sources.append(parameters(weeks))
    for source in SOURCES:
        sources.append(data_source(source, catalogue))
    add_actions(root, catalogue)
    sheets = {sheet.title: sheet for board in DASHBOARDS for row in board.sheets for sheet in row}
    worksheets = SubElement(root, "worksheets")
    for sheet in sheets.values():
        _SheetWriter(sheet, catalogue, weeks).add_to(worksheets)
    dashboards = SubElement(root, "dashboards")
    for board in DASHBOARDS:
        _add_dashboard(dashboards, board, catalogue)
    _add_windows(root, list(sheets))
    return root


class _SheetWriter:
    """Writes one sheet: its data, filters, shelves and marks."""

    def __init__(self, sheet: Sheet, catalogue: Catalogue, weeks: Sequence[date]) -> None:
        self.sheet = sheet
        self.weeks = weeks
        self.fields: dict[str, SourceField] = source_fields(sheet.source, catalogue)
        self.is_several = len(sheet.measures) > 1

    def add_to(self, parent: Element) -> None:
        """Add the worksheet."""
        worksheet = SubElement(parent, "worksheet", {"name": self.sheet.title})
        table = SubElement(worksheet, "table")
        self._add_view(table)
        SubElement(table, "style")
        self._add_pane(table)
        SubElement(table, "rows").text = self._shelf(self.sheet.rows, is_row=True)
        SubElement(table, "cols").text = self._shelf(self.sheet.columns, is_row=False)
        _add_id(worksheet, "worksheet", self.sheet.title)

    def _instance(self, field: str) -> Instance:
        is_axis = field == WEEK and WEEK in self.sheet.columns
        return instance(field, self.fields, is_axis=is_axis)

    def _reference(self, name: str) -> str:
        return f"[{source_id(self.sheet.source)}].[{name}]"

    def _add_view(self, table: Element) -> None:
        view = SubElement(table, "view")
        source = self.sheet.source
        sources = SubElement(view, "datasources")
        SubElement(sources, "datasource", {"caption": source.caption, "name": source_id(source)})
        if self.sheet.is_of_chosen_week:
            SubElement(sources, "datasource", {"name": "Parameters"})
        used = SubElement(view, "datasource-dependencies", {"datasource": source_id(source)})
        instances = [self._instance(field) for field in self.sheet.fields]
        if self.sheet.is_of_chosen_week:
            instances.append(self._instance(CHOSEN_WEEK))
        for column in self._columns(instances):
            self.fields[column].add_column(used)
        for found in instances:
            found.add_to(used)
        if self.sheet.is_of_chosen_week:
            parameter = SubElement(view, "datasource-dependencies", {"datasource": "Parameters"})
            add_week_parameter(parameter, self.weeks)
        slices = self._add_filters(view)
        if self.sheet.rows and (self.sheet.mark == "Bar" or self.sheet.top):
            self._add_sort(view)
        if slices:
            chosen = SubElement(view, "slices")
            for name in slices:
                SubElement(chosen, "column").text = name
        SubElement(view, "aggregation", {"value": "true"})

    def _columns(self, instances: list[Instance]) -> list[str]:
        """List the columns that the instances need, those of their calculations included."""
        names = [found.column for found in instances]
        needed = {rate.name: rate.columns for rate in RATES} | {CHOSEN_WEEK: (WEEK,)}
        return list(
            dict.fromkeys(column for name in names for column in (*needed.get(name, ()), name))
        )

    def _add_filters(self, view: Element) -> list[str]:
        slices = []
        if self.is_several:
            measures = [
                self._reference(self._instance(field).name) for field in self.sheet.measures
            ]
            slices.append(self._add_members(view, _NAMES, [f'"{name}"' for name in measures]))
        for column, values in self.sheet.only.items():
            is_text = self.fields[column].datatype == "string"
            members = [f'"{value}"' if is_text else value for value in values]
            name = self._instance(column).name
            slices.append(self._add_members(view, name, members, is_first=bool(self.sheet.top)))
        if self.sheet.top:
            slices.append(self._add_top(view, self.sheet.top))
        if self.sheet.is_of_chosen_week:
            name = self._instance(CHOSEN_WEEK).name
            slices.append(self._add_members(view, name, ["true"]))
        return slices

    def _add_members(
        self, view: Element, name: str, members: list[str], *, is_first: bool = False
    ) -> str:
        """Keep these values of a field; `is_first` applies the filter before a top filter."""
        reference = self._reference(name)
        chosen = SubElement(view, "filter", {"class": "categorical", "column": reference})
        if is_first:
            chosen.set("context", "true")
        if len(members) > 1:
            chosen = SubElement(
                chosen, "groupfilter", {"function": "union", f"{{{_USER}}}op": "manual"}
            )
        for member in members:
            attributes = {"function": "member", "level": f"[{name}]", "member": member}
            if len(members) == 1:
                attributes |= {
                    f"{{{_USER}}}ui-domain": "database",
                    f"{{{_USER}}}ui-enumeration": "inclusive",
                    f"{{{_USER}}}ui-marker": "enumerate",
                }
            SubElement(chosen, "groupfilter", attributes)
        return reference

    def _add_top(self, view: Element, n: int) -> str:
        """Keep the first n values of the first row dimension, by the first measure."""
        name = self._instance(self.sheet.rows[0]).name
        measure = self._instance(self.sheet.measures[0])
        reference = self._reference(name)
        chosen = SubElement(view, "filter", {"class": "categorical", "column": reference})
        end = SubElement(
            chosen,
            "groupfilter",
            {
                "count": str(n),
                "end": "top",
                "function": "end",
                "units": "records",
                f"{{{_USER}}}ui-marker": "end",
                f"{{{_USER}}}ui-top-by-field": "true",
            },
        )
        order = SubElement(
            end,
            "groupfilter",
            {
                "direction": "DESC",
                "expression": f"{measure.derivation.upper()}([{measure.column}])",
                "function": "order",
                f"{{{_USER}}}ui-marker": "order",
            },
        )
        SubElement(
            order,
            "groupfilter",
            {
                "function": "level-members",
                "level": f"[{name}]",
                f"{{{_USER}}}ui-enumeration": "all",
                f"{{{_USER}}}ui-marker": "enumerate",
            },
        )
        return reference

    def _add_sort(self, view: Element) -> None:
        """Sort by the longest bar or the top filter; fields with their own order keep it.

        Every row dimension is sorted, so that the bars of a name follow the order of the names.
        """
        measure = self._reference(self._instance(self.sheet.measures[0]).name)
        for field in self.sheet.rows[:1] if self.sheet.top else self.sheet.rows:
            column = self._reference(self._instance(field).name)
            order = ORDERS.get(field)
            if order:
                sort = SubElement(view, "manual-sort", {"column": column, "direction": "ASC"})
                values = SubElement(sort, "dictionary")
                for value in order:
                    SubElement(values, "bucket").text = f'"{value}"'
            else:
                sorted_by = {"column": column, "direction": "DESC", "using": measure}
                SubElement(view, "computed-sort", sorted_by)

    def _add_pane(self, table: Element) -> None:
        pane = SubElement(SubElement(table, "panes"), "pane")
        SubElement(SubElement(pane, "view"), "breakdown", {"value": "auto"})
        SubElement(pane, "mark", {"class": self.sheet.mark})
        encodings = SubElement(pane, "encodings")
        if self.sheet.mark == "Text":
            SubElement(encodings, "text", {"column": self._measure()})
        elif self.sheet.color:
            color = self._reference(self._instance(self.sheet.color).name)
            SubElement(encodings, "color", {"column": color})
        elif self.is_several:
            SubElement(encodings, "color", {"column": self._reference(_NAMES)})

    def _measure(self) -> str:
        if self.is_several:
            return self._reference(_VALUES)
        return self._reference(self._instance(self.sheet.measures[0]).name)

    def _shelf(self, dimensions: tuple[str, ...], *, is_row: bool) -> str:
        """Write a shelf; the place of measures depends on bars, lines or table."""
        names = [self._reference(self._instance(field).name) for field in dimensions]
        if self.sheet.mark == "Text":
            if self.is_several and not is_row:
                names.append(self._reference(_NAMES))
        elif is_row == bool(self.sheet.columns):
            names.append(self._measure())
        return " / ".join(names) if len(names) < 2 else f"({' / '.join(names)})"


def _add_dashboard(parent: Element, board: Dashboard, catalogue: Catalogue) -> None:
    dashboard = SubElement(parent, "dashboard", {"name": board.name})
    SubElement(dashboard, "style")
    SubElement(
        dashboard,
        "size",
        {
            "maxheight": "900",
            "maxwidth": "1400",
            "minheight": "900",
            "minwidth": "1400",
            "sizing-mode": "fixed",
        },
    )
    zones = SubElement(dashboard, "zones")
    ids = iter(range(1, 100))

    def add_zone(parent: Element, x: int, y: int, w: int, h: int, **attributes: str) -> Element:
        place = {"h": h, "id": next(ids), "w": w, "x": x, "y": y}
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        return SubElement(parent, "zone", {key: str(value) for key, value in place.items()} | named)

    canvas = add_zone(zones, 0, 0, _WHOLE, _WHOLE, type_v2="layout-basic")
    title = add_zone(canvas, 0, 0, _WHOLE, _TITLE_HEIGHT, type_v2="text")
    text = SubElement(title, "formatted-text")
    SubElement(text, "run", {"bold": "true", "fontsize": "16"}).text = board.name
    has_choice = any(sheet.is_of_chosen_week for row in board.sheets for sheet in row)
    week = f"<[Parameters].[{WEEK_PARAMETER}]>" if has_choice else f"{catalogue.as_of_date}"
    SubElement(text, "run", {"fontsize": "10"}).text = f"   week of {week}"
    width = _WHOLE - (_FILTER_WIDTH if board.filters or has_choice else 0)
    heights = _shares(_WHOLE - _TITLE_HEIGHT, [_weight(row) for row in board.sheets])
    y = _TITLE_HEIGHT
    for row, height in zip(board.sheets, heights, strict=True):
        x = 0
        for sheet, sheet_width in zip(row, _shares(width, [1] * len(row)), strict=True):
            add_zone(canvas, x, y, sheet_width, height, name=sheet.title)
            x += sheet_width
        y += height
    y = _TITLE_HEIGHT
    if has_choice:
        add_zone(
            canvas, width, y, _FILTER_WIDTH, _TITLE_HEIGHT * 2,
            type_v2="paramctrl", param=f"[Parameters].[{WEEK_PARAMETER}]", mode="compact",
        )  # fmt: skip
        y += _TITLE_HEIGHT * 2
    for sheet, column in board.filters:
        found = instance(column, source_fields(sheet.source, catalogue))
        reference = f"[{source_id(sheet.source)}].[{found.name}]"
        add_zone(
            canvas, width, y, _FILTER_WIDTH, _TITLE_HEIGHT * 2,
            type_v2="filter", name=sheet.title, param=reference, mode="checkdropdown",
        )  # fmt: skip
        y += _TITLE_HEIGHT * 2
    _add_id(dashboard, "dashboard", board.name)


def _add_id(parent: Element, kind: str, name: str) -> None:
    """Add the identifier by which Tableau recognises a renamed sheet; it is the same every week."""
    found = uuid.uuid5(uuid.NAMESPACE_URL, f"persona-access/{kind}/{name}")
    SubElement(parent, "simple-id", {"uuid": f"{{{str(found).upper()}}}"})


def _weight(row: tuple[Sheet, ...]) -> int:
    """Return the weight of a row of sheets: totals need less space than bars."""
    return 3 if any(sheet.rows or sheet.columns for sheet in row) else 1


def _shares(whole: int, weights: list[int]) -> list[int]:
    """Divide a length by weights, without a remainder."""
    ends = [whole * sum(weights[: n + 1]) // sum(weights) for n in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _add_windows(root: Element, titles: list[str]) -> None:
    """Show the dashboards as tabs, the first in front, and hide the sheets behind them."""
    windows = SubElement(root, "windows")
    for n, board in enumerate(DASHBOARDS):
        window = SubElement(windows, "window", {"class": "dashboard", "name": board.name})
        if n == 0:
            window.set("maximized", "true")
        points = SubElement(window, "viewpoints")
        for row in board.sheets:
            for sheet in row:
                point = SubElement(points, "viewpoint", {"name": sheet.title})
                if sheet.mark != "Text":
                    SubElement(point, "zoom", {"type": "entire-view"})
        SubElement(window, "active", {"id": "-1"})
        _add_id(window, "dashboard-window", board.name)
    for title in titles:
        window = SubElement(
            windows, "window", {"class": "worksheet", "hidden": "true", "name": title}
        )
        cards = SubElement(window, "cards")
        for edge, held in (("left", ("pages", "filters", "marks")), ("top", ("columns", "rows"))):
            side = SubElement(cards, "edge", {"name": edge})
            for group in [held] if edge == "left" else [(card,) for card in held]:
                strip = SubElement(
                    side, "strip", {"size": "160" if edge == "left" else "2147483647"}
                )
                for card in group:
                    SubElement(strip, "card", {"type": card})
        _add_id(window, "worksheet-window", title)
