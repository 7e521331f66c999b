"""Exact guarantees: the resources of a stage by kind, and that there are no others.

`exact.yml` has a sentence for each group of values, and the values, written by hand. A missing or
different value violates its sentence; a resource or property without a sentence violates the last
one. This explains what `reviewed/` shows line by line.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from reviewed import names_of, resolved, short, statement_line
from template import Json

FOLDER = Path(__file__).parent
NOTHING_ELSE = "Nothing exists without a guarantee."
# Names and descriptions for people; connections by name are compared as references.
SAYS_NOTHING = re.compile(
    r"(\w*Tags|Description|AlarmDescription|GroupDescription|DBSubnetGroupDescription|Family|"
    r"PolicyName|RoleName|TrailName|DefinitionString\.Comment|(\w+\.)*Version|"
    r"SecurityGroup(In|E)gress\[\d\]\.Description|UpdateReplacePolicy)(\..*|\[.*)?"
)
_DOOR = "arn:<AWS::Partition>:elasticfilesystem:eu-west-2:333333333333:access-point/"
_KEYED = ("Name", "ContainerPath")
Values = dict[str, dict[str, Any]]


class Section:
    """A sentence, the properties that it covers, and their values."""

    def __init__(self, said: Json) -> None:
        self.sentence: str = said["sentence"]
        self.kind: str = said["kind"]
        self.of = re.compile(said["of"])
        self.holds: Json = said["holds"]

    def claims(self, kind: str, path: str) -> bool:
        """Return whether the sentence covers a property."""
        says = not SAYS_NOTHING.fullmatch(path)
        return says and kind == self.kind and self.of.fullmatch(path) is not None

    def found(self, values: dict[str, Values]) -> Json:
        """Return the values of the template in the form of `holds`."""
        by_path: dict[str, Json] = defaultdict(dict)
        of_kind = values.get(self.kind, {})
        for name, properties in of_kind.items():
            for path, value in properties.items():
                if self.claims(self.kind, path):
                    by_path[path][name] = value
        return {path: _shared(names, of_kind) for path, names in sorted(by_path.items())}

    def check(self, values: dict[str, Values]) -> None:
        """Raise AssertionError with the sentence and each value that differs from the guarantee."""
        found = self.found(values)
        wrong = [
            f"{self.kind} {path}: guaranteed {short(self.holds.get(path), {})}, "
            f"found {short(found.get(path), {})}"
            for path in sorted(self.holds.keys() | found.keys())
            if self.holds.get(path) != found.get(path)
        ]
        assert not wrong, "\n".join([self.sentence, *wrong])


def sections(stack: str) -> list[Section]:
    """List the sentences about a stack: main, registry, second-region, or main with a database."""
    said = yaml.safe_load((FOLDER / "exact.yml").read_text("utf-8"))
    return [Section(each) for each in said[stack]]


def values_of(template: Json) -> dict[str, Values]:
    """Return each value of a template by kind, name of the resource and path."""
    names = names_of(template)
    values: dict[str, Values] = defaultdict(dict)
    for logical, resource in template["Resources"].items():
        of: dict[str, Any] = {}
        kept = {key: resource[key] for key in ("DeletionPolicy", "Condition") if key in resource}
        for path, value in _flat({**resource.get("Properties", {}), **kept}, names):
            if path in of:
                of[path] = [*of[path], value] if isinstance(of[path], list) else [of[path], value]
            else:
                of[path] = value
        values[resource["Type"].removeprefix("AWS::")][names[logical]] = of
    return values


def check_nothing_else(stack: str, template: Json) -> None:
    """Raise AssertionError for a resource or property that no sentence covers."""
    said = sections(stack)
    kinds = {section.kind for section in said}
    unsaid = [
        f"{kind} {name}: {path}" if kind in kinds else f"{kind} {name}"
        for kind, resources in values_of(template).items()
        for name, properties in resources.items()
        for path in (properties if kind in kinds else ["-"])
        if not SAYS_NOTHING.fullmatch(path)
        and not any(section.claims(kind, path) for section in said)
    ]
    assert not unsaid, "\n".join([NOTHING_ELSE, *unsaid])


def check_whole(template: Json) -> None:
    """Raise AssertionError for what holds of each template, whatever its resources are."""
    assert template.keys() <= {"Resources", "Outputs"}, (
        "A template is resources and outputs: no macro rewrites it, and no parameter changes it. "
        f"Found {sorted(template)}."
    )
    for logical, found in template["Resources"].items():
        policies = [found.get(key) for key in ("DeletionPolicy", "UpdateReplacePolicy")]
        assert policies[0] == policies[1], (
            "What stays when its stack goes also stays when it is replaced. "
            f"{logical}: {policies[0]} and {policies[1]}."
        )
        for version in _versions(found.get("Properties", {})):
            assert version == "2012-10-17", (
                "Each policy is of the version that knows variables, 2012-10-17. "
                f"{logical}: {version}."
            )


def _versions(value: Any) -> Iterator[str]:
    """Find the version of each policy."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield value.get("Version", "none")
        for each in value.values():
            yield from _versions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _versions(each)


def broken(stack: str, template: Json) -> list[str]:
    """List the sentences that a template breaks."""
    values = values_of(template)
    found = []
    for section in sections(stack):
        try:
            section.check(values)
        except AssertionError as error:
            found.append(str(error).splitlines()[0])
    try:
        check_nothing_else(stack, template)
    except AssertionError:
        found.append(NOTHING_ELSE)
    try:
        check_whole(template)
    except AssertionError as error:
        found.append(str(error).splitlines()[0])
    return found


def _shared(by_name: Json, of_kind: Values) -> Json:
    """Write the value of most resources of a kind once, as that of `every` one; null means none."""
    values = {name: by_name.get(name) for name in of_kind}
    written = [json.dumps(value) for value in values.values()]
    most = max(sorted(written), key=written.count)
    if written.count(most) == 1:
        return values
    every = json.loads(most)
    return {"every": every} | {name: value for name, value in values.items() if value != every}


def _in_short(statement: str) -> str:
    """Omit quotes, and the start of each door's address in production."""
    return statement.replace('"', "").replace(_DOOR, "door ")


def _flat(value: Any, names: dict[str, str], path: str = "") -> Iterator[tuple[str, Any]]:
    value = resolved(value, names)
    if path.endswith("DefinitionString") and isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict) and "Effect" in value:
        yield re.sub(r"\[\d+\]$", "", path), _in_short(statement_line(value, names))
    elif isinstance(value, dict) and value:
        for key in value:
            yield from _flat(value[key], names, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            key = next((k for k in _KEYED if isinstance(each, dict) and k in each), None)
            if key and not isinstance(each[key], dict):
                rest = {k: v for k, v in each.items() if k != key}
                yield from _flat(rest or True, names, f"{path}.{each[key]}")
            else:
                yield from _flat(each, names, f"{path}[{number}]")
    else:
        yield path, json.loads(short(value, names))
