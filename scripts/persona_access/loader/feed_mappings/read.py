"""Read the feed mappings of a folder; errors name the file and line."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from persona_access.base.contracts import Contract
from persona_access.base.errors import SettingsError
from persona_access.base.name_patterns import unknown_codes
from persona_access.base.targets import DEV
from persona_access.base.yaml_lines import compose, line_at, lines_of
from persona_access.loader.feed_mappings.declaration import FeedMapping
from persona_access.loader.feed_mappings.mapped import with_gates

# The folder of the raw layer with each mapping that was used to read a file.
MAPPINGS = "feed_mappings"


@dataclass(frozen=True)
class Declared:
    """A mapping, the file that declares it, its text, and the SHA-256 of the text."""

    mapping: FeedMapping
    file: Path
    text: str
    sha256: str


def read_mappings(folder: Path, contracts: dict[str, Contract]) -> dict[str, Declared]:
    """Read every `<source>.yml` of a folder, by source in alphabetical order.

    A missing folder means no mappings. Raises SettingsError that lists every error of every file
    with its line.
    """
    declared: dict[str, Declared] = {}
    faults: list[str] = []
    for file in sorted(folder.glob("*.yml")):
        try:
            text = file.read_bytes().decode("utf-8")
            mapping = parse_mapping(text, file, contracts)
        except SettingsError as error:
            faults.append(str(error))
            continue
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{file}: cannot be read ({error}).")
            continue
        declared[mapping.source] = Declared(
            mapping, file, text, hashlib.sha256(text.encode()).hexdigest()
        )
    faults += _same_patterns(declared)
    if faults:
        raise SettingsError("\n".join(faults))
    return declared


def _same_patterns(declared: dict[str, Declared]) -> list[str]:
    """Report mappings that read the same files: each file belongs to one source."""
    first: dict[str, Declared] = {}
    faults = []
    for found in declared.values():
        other = first.setdefault(found.mapping.files.pattern.casefold(), found)
        if other is not found:
            faults.append(
                f"{found.file}: {other.file.name} has the same files.pattern "
                f"'{found.mapping.files.pattern}': a file belongs to one source, so use "
                "different patterns."
            )
    return faults


def unapproved(mappings: dict[str, Declared], target: str) -> list[str]:
    """Report mappings that are not approved yet; only the target `dev` loads with them.

    Raises SettingsError for another target, and for an approval date in the future.
    """
    sentences = []
    for declared in mappings.values():
        mapping = declared.mapping
        if mapping.approved_on is not None and mapping.approved_on > dt.datetime.now(dt.UTC).date():
            raise SettingsError(
                f"{declared.file}: approved_on is {mapping.approved_on}, which is in the future: "
                "write the day of the approval."
            )
        if mapping.approved_by is None:
            sentences.append(
                f"{declared.file} is not approved: have somebody other than {mapping.author} fill "
                "in approved_by and approved_on."
            )
    if sentences and target != DEV:
        raise SettingsError("\n".join(sentences))
    return sentences


def sources(contracts: dict[str, Contract], mappings: dict[str, Declared]) -> dict[str, Contract]:
    """Return the contract of every source: that of its feed, changed by its mapping.

    If a feed has a mapping, files with the feed's own name are no longer accepted: otherwise two
    files of one date could compete.
    """
    mapped = {declared.mapping.feed for declared in mappings.values()}
    own = {feed: contract for feed, contract in contracts.items() if feed not in mapped}
    return own | {
        source: _of_source(contracts[declared.mapping.feed], declared.mapping)
        for source, declared in mappings.items()
    }


def sources_of(feed: str, mappings: dict[str, Declared]) -> tuple[str, str]:
    """Return the sources of a feed, and those that a week needs, in the format of the ledger.

    Both are empty for a feed without a mapping.
    """
    of_feed = [found.mapping for found in mappings.values() if found.mapping.feed == feed]
    if not of_feed:
        return "", ""
    needed = [mapping.source for mapping in of_feed if mapping.required]
    return _listed([mapping.source for mapping in of_feed]), _listed(needed)


def _listed(names: list[str]) -> str:
    return f",{','.join(sorted(names))}," if names else ","


def _of_source(contract: Contract, mapping: FeedMapping) -> Contract:
    files = mapping.files
    return replace(
        with_gates(contract, mapping),
        source=mapping.source,
        file_pattern=files.pattern,
        day_of_month=files.date.day,
        is_dated_within=files.date.from_ in ("title", "column"),
        is_manifest_required=(
            contract.is_manifest_required
            if files.manifest is None
            else files.manifest == "required"
        ),
        settle_seconds=(
            contract.settle_seconds if files.settle_seconds is None else files.settle_seconds
        ),
        encryption=files.encryption or contract.encryption,
        max_age_days=mapping.max_age_days or contract.max_age_days,
    )


def parse_mapping(text: str, file: Path, contracts: dict[str, Contract]) -> FeedMapping:
    """Read one declaration.

    Raises SettingsError with one sentence for each error: file, line, what is wrong, what is
    allowed.
    """
    try:
        node = compose(yaml.SafeLoader(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or error
        raise SettingsError(f"{file}:{line}: not valid YAML: {problem}.") from error
    document = _plain(node) if isinstance(node, yaml.MappingNode) else None
    if document is None or node is None:
        raise SettingsError(
            f"{file}:1: the file contains no mapping: see docs/feed_mappings.md for an example."
        )
    try:
        mapping = FeedMapping.model_validate(document)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(
                f"{file}:{_line(node, fault['loc'])}: {_place(fault['loc'])}: {_in_words(fault)}."
                for fault in error.errors()
            )
        ) from error
    faults = [
        f"{file}:{_line(node, place)}: {_place(place)}: {sentence}"
        for place, sentence in _contract_faults(mapping, file, contracts)
    ]
    if faults:
        raise SettingsError("\n".join(faults))
    return mapping


def _plain(node: yaml.Node) -> Any:
    """Return a node as text, lists and dictionaries; a word such as No or 01 stays unchanged."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return None if is_plain and node.value in ("", "~", "null") else node.value


def _contract_faults(
    mapping: FeedMapping, file: Path, contracts: dict[str, Contract]
) -> list[tuple[tuple[str, ...], str]]:
    faults: list[tuple[tuple[str, ...], str]] = []
    if mapping.source != file.stem:
        faults.append((("source",), f"the file is {file.name}; name it {mapping.source}.yml."))
    if codes := unknown_codes(mapping.files.pattern):
        faults.append((("files", "pattern"), f"{', '.join(codes)} cannot be read in a name."))
    contract = contracts.get(mapping.feed)
    if contract is None:
        return [*faults, (("feed",), f"there is no feed {mapping.feed}; {_one_of(contracts)}.")]
    targets = set(mapping.columns)
    if mapping.unpivot:
        targets |= {mapping.unpivot.name_to} | (
            {mapping.unpivot.value_to} if mapping.unpivot.value_to else set()
        )
    known = set(contract.column_names)
    columns_or_attributes = (
        f"{_one_of(contract.column_names)}, or put a column of your own below attributes"
    )
    faults += [
        (
            ("columns", name) if name in mapping.columns else ("unpivot",),
            f"{name} is not a column of {mapping.feed}; {columns_or_attributes}.",
        )
        for name in sorted(targets - known)
    ]
    faults += [
        (("attributes", name), f"{name} is a column of {mapping.feed}: move it to columns.")
        for name in mapping.attributes
        if name in known
    ]
    if mapping.attributes and not contract.has_attributes:
        keeping = ", ".join(feed for feed, other in contracts.items() if other.has_attributes)
        faults.append(
            (("attributes",), f"{mapping.feed} keeps no attributes, only {keeping} does.")
        )
    faults += [
        (("columns",), f"{column.name} is required by {mapping.feed} and not mapped.")
        for column in contract.columns
        if column.is_value_required and column.name not in targets
    ]
    return faults


def _one_of(names: Any) -> str:
    return "write one of " + ", ".join(names)


def _line(node: yaml.Node, place: tuple[int | str, ...]) -> int:
    """Return the line of a place, or of the innermost enclosing place in the file."""
    return line_at(lines_of(node), tuple(map(str, place))) or node.start_mark.line + 1


def _place(place: tuple[int | str, ...]) -> str:
    steps = [
        str(step) for step in place if not re.match(r"function-|literal\[|constrained", str(step))
    ]
    return ".".join(steps) or "the file"


def _in_words(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key"
    if fault["type"] == "missing":
        return "is missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    value = fault.get("input")
    shown = f" (found {value!r})" if isinstance(value, str | int | float | bool) else ""
    return message[:1].lower() + message[1:].rstrip(".") + shown
