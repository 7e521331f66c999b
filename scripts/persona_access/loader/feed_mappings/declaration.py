"""The keys of a feed mapping: one YAML file a source, validated, and published as JSON Schema."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from persona_access.base.contracts import LONGEST_AGE_DAYS

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[list[str], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


class ExtractDate(_Part):
    """The place of the extract date of a file.

    The date is in the file name, in a line or row above the table, in a column with the same value
    on every row, or in the option --extract-date.
    """

    from_: Literal["name", "title", "column", "flag"] = Field("name", alias="from")
    line: int | None = Field(
        None, ge=1, description="Line, or row of the sheet, that contains a title."
    )
    column: str | None = Field(None, description="Delivered column that contains the date.")
    regex: str | None = Field(
        None, description="Regular expression; its first group is the date within the text."
    )
    dates: Words = Field(default_factory=list, description="strptime formats, tried in order.")
    day: Literal["first", "last"] | Weekday | None = Field(
        None,
        description="Day of the date if the name has only a month: its first or last day, or "
        "its last of a weekday.",
    )

    @model_validator(mode="after")
    def _says_where(self) -> ExtractDate:
        needed = {"title": "line", "column": "column"}.get(self.from_)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"from: {self.from_} needs the key {needed}")
        if needed and not self.dates:
            raise ValueError(f"from: {self.from_} needs dates, a list of formats to try")
        if self.regex is not None and re.compile(self.regex).groups < 1:
            raise ValueError(f"the expression {self.regex!r} has no group ( ) for the date")
        return self


class Files(_Part):
    """The files of this source."""

    pattern: str = Field(
        description="The whole file name: strftime codes for the date, * for anything else. With "
        "a / before it, the name of the folder in the drop zone, too."
    )
    date: ExtractDate = Field(default_factory=lambda: ExtractDate.model_validate({}))
    settle_seconds: float | None = Field(
        None, ge=0, description="Time without a change after which a file counts as complete."
    )
    manifest: Literal["required", "optional"] | None = None
    encryption: Literal["none", "age"] | None = None


class Gates(_Part):
    """Limits of this source that differ from those of its feed."""

    max_quarantined_rows: int | None = Field(None, ge=0)
    max_quarantined_share: float | None = Field(None, ge=0, le=1)
    max_shrink_share: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Largest allowed decrease, as a share of the rows of the previous file.",
    )
    max_growth_share: float | None = Field(
        None,
        ge=0,
        description="Largest allowed increase, as a share of the rows of the previous file.",
    )


class Table(_Part):
    """The place of the table in a file, and its format."""

    sheets: Words = Field(default_factory=list, description="Names of sheets; * matches several.")
    ignore_sheets: Words = Field(
        default_factory=list, description="Sheets to ignore; * matches several."
    )
    new_sheets: Literal["tell", "refuse"] = Field(
        "tell", description="What to do with a sheet that is in neither list."
    )
    header_row: int | Literal["find"] = Field(
        1, description="Line of the column names, from 1, or `find`."
    )
    header_rows: int = Field(1, ge=1, le=5, description="Number of lines that form the header.")
    label_rows: int = Field(0, ge=0, description="Lines between the header and the first row.")
    names: Words = Field(
        default_factory=list,
        description="Column names of a table without a header; the table begins at header_row.",
    )
    footer: str | None = Field(
        None,
        description="Regular expression; the table ends above the row whose first cell matches.",
    )
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: Literal["utf-8", "utf-16", "cp1252", "latin-1"] = "utf-8"
    fixed_width: dict[str, tuple[int, int]] = Field(
        default_factory=dict,
        description="Columns of a listing: first and last position on the line, from 1.",
    )
    member: str | None = Field(None, description="The file in a zip archive; * matches.")


class Column(_Part):
    """How one column of the feed is derived from the delivered columns."""

    from_: Words = Field(
        default_factory=list,
        alias="from",
        description="Delivered columns; the first one that exists is used.",
    )
    constant: str | None = None
    sheet_name: bool = False
    file_name: str | None = Field(
        None, description="Regular expression over the file name; its first group is the value."
    )
    template: str | None = Field(None, description="Text with {Delivered Column} in braces.")
    regex: str | None = Field(None, description="Regular expression; its first group is the value.")
    lookup: Literal["application_name", "persona_name"] | None = Field(
        None,
        description="The value is a name; it is replaced by its id in the newest registry or list.",
    )
    split: str | None = Field(None, description="Separator of several values in one cell.")
    values: dict[str, str | None] = Field(
        default_factory=dict,
        description="Vocabulary: maps delivered words to words of the contract.",
    )
    otherwise: str | None = Field(
        None, description="Meaning of every word that `values` does not list."
    )
    dates: Words = Field(default_factory=list, description="strptime formats, tried in order.")
    sentinel_dates: list[dt.date] | None = None
    nothing: Words | None = Field(None, description="Words that mean no value, for this column.")
    strip_prefix: Words = Field(default_factory=list)
    strip_suffix: Words = Field(default_factory=list)
    strip_zeros: bool = Field(False, description="Drop leading zeros of a number.")
    case: Literal["upper", "lower"] | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Column:
        origins = [
            name
            for name, is_given in (
                ("from", bool(self.from_)),
                ("constant", self.constant is not None),
                ("sheet_name", self.sheet_name),
                ("file_name", self.file_name is not None),
                ("template", self.template is not None),
            )
            if is_given
        ]
        if len(origins) != 1:
            raise ValueError(
                "give exactly one of from, constant, sheet_name, file_name, template; "
                f"given: {', '.join(origins) or 'none'}"
            )
        if self.otherwise is not None and not self.values:
            raise ValueError("otherwise applies to words that values does not list: add values")
        for text in (self.regex, self.file_name):
            if text is not None and re.compile(text).groups < 1:
                raise ValueError(f"the expression {text!r} has no group ( ) for the value")
        return self


def _as_column(value: object) -> object:
    """Accept the short form `brid: Employee ID` for `brid: {from: Employee ID}`."""
    return {"from": value} if isinstance(value, str | list) else value


class Unpivot(_Part):
    """A matrix with one column for each application; each column becomes rows."""

    columns: Words = Field(description="Delivered columns, * matches several.")
    name_to: str = Field(description="Contract column that gets the column's name.")
    value_to: str | None = Field(None, description="Contract column that gets the cell.")
    values: dict[str, str | None] = Field(
        default_factory=dict,
        description="Vocabulary of the cell, as for a column.",
    )
    strip_prefix: Words = Field(default_factory=list, description="Dropped from the name.")
    held: Words = Field(
        default_factory=list,
        description="Cells that mean yes; default: every cell that is not empty.",
    )


class FeedMapping(_Part):
    """The declaration of one source."""

    source: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Name of the source, equal to the name of this file.",
    )
    feed: str
    system: str = Field("", description="The delivering system, for auditors.")
    author: str = Field(min_length=1)
    approved_by: str | None = None
    approved_on: dt.date | None = None
    required: bool = Field(
        True, description="Whether a week is complete only with a file of this source."
    )
    max_age_days: int | None = Field(
        None,
        ge=1,
        le=LONGEST_AGE_DAYS,
        description="Number of days for which weeks use a file of this source, such as 35 for "
        "a monthly file.",
    )
    files: Files
    gates: Gates = Field(default_factory=lambda: Gates.model_validate({}))
    table: Table = Field(default_factory=lambda: Table.model_validate({}))
    nothing: Words = Field(default_factory=list, description="Words that mean no value.")
    sentinel_dates: list[dt.date] = Field(
        default_factory=list, description="Dates that mean that there is no date."
    )
    columns: dict[str, Annotated[Column, BeforeValidator(_as_column)]]
    attributes: dict[str, Annotated[Column, BeforeValidator(_as_column)]] = Field(
        default_factory=dict,
        description="Further delivered columns to keep, in addition to those of the contract.",
    )
    unpivot: Unpivot | None = None
    ignore: Words = Field(default_factory=list, description="Delivered columns to ignore.")
    new_columns: Literal["tell", "refuse"] = Field(
        "tell", description="What to do with a delivered column that the mapping does not mention."
    )

    @property
    def lookups(self) -> set[str]:
        """The kinds of names that the mapping looks up."""
        return _kinds_of_names(self.columns.values())

    @model_validator(mode="after")
    def _is_consistent(self) -> FeedMapping:
        if (self.approved_by is None) != (self.approved_on is None):
            raise ValueError("give both approved_by and approved_on, or neither")
        if self.approved_by is not None and self.approved_by.casefold() == self.author.casefold():
            raise ValueError("the author must not approve the mapping")
        for name in self.attributes:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"attribute {name!r}: write lower-case letters, digits and _")
        return self


def _kinds_of_names(columns: Iterable[Column]) -> set[str]:
    return {column.lookup for column in columns if column.lookup}


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a mapping file, as the docs publish it."""
    schema = FeedMapping.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Persona Access feed mapping"
    return schema
