"""Write a complete synthesised stage as lines that a person can review.

Every value of every resource becomes a part of a line, so the reviewed files are complete, and
every change of the template changes a line. `tests/reviewed/` has the reviewed state.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from template import Json

FOLDER = Path(__file__).with_name("reviewed")
# Which file the resources of a service are in.
TOPICS = {
    "access": ("IAM",),
    "keys": ("KMS", "SecretsManager"),
    "network": ("EC2",),
    "run": ("StepFunctions", "Scheduler", "SQS"),
    "storage": ("S3", "EFS", "Backup", "ECR"),
    "tasks": ("ECS",),
    "alarms": ("CloudWatch", "SNS", "Logs", "CloudTrail", "Events"),
}
_TOPIC_OF = {service: topic for topic, services in TOPICS.items() for service in services}
_HASH = re.compile(r"[0-9A-F]{8}$")
_RESOURCE_PARTS = {"Type", "Properties", "Metadata"}


def review(stage: Path) -> dict[str, list[str]]:
    """Write down the cloud assembly in a folder: lines by topic."""
    manifest = json.loads((stage / "manifest.json").read_text("utf-8"))
    lines: dict[str, list[str]] = defaultdict(list)
    for file in sorted(stage.glob("*.template.json")):
        name = file.name.removesuffix(".template.json")
        stack = manifest["artifacts"][name]
        for topic, found in review_stack(name, json.loads(file.read_text("utf-8")), stack).items():
            lines[topic] += found
    return dict(lines)


def review_stack(name: str, template: Json, stack: Json) -> dict[str, list[str]]:
    """Write down one stack: lines by topic. `stack` is what the manifest says of it."""
    names = names_of(template)
    lines: dict[str, list[str]] = defaultdict(list)
    about = {key: value for key, value in template.items() if key != "Resources"}
    about["environment"] = stack["environment"]
    about["dependencies"] = stack.get("dependencies", [])
    # The address of the template is a hash of what is written down here line by line.
    about |= {
        key: value
        for key, value in stack["properties"].items()
        if key not in {"stackTemplateAssetObjectUrl", "additionalDependencies"}
    }
    lines["stacks"] += [f"== {name}", *_flat(about, names)]
    for logical in sorted(template["Resources"], key=lambda found: (names[found], found)):
        resource = template["Resources"][logical]
        service = resource["Type"].split("::")[1]
        lines[_TOPIC_OF.get(service, "other")] += [
            f"== {name}: {names[logical]} ({resource['Type'].removeprefix('AWS::')})",
            *_resource(resource, names),
        ]
    return lines


def names_of(template: Json) -> dict[str, str]:
    """Name resources without the hash of their logical id, where that stays unique."""
    by_name = defaultdict(list)
    for logical in template["Resources"]:
        by_name[_HASH.sub("", logical)].append(logical)
    return {
        logical: name if len(found) == 1 else logical
        for name, found in by_name.items()
        for logical in found
    }


def _resource(resource: Json, names: dict[str, str]) -> Iterator[str]:
    properties = dict(resource.get("Properties", {}))
    metadata = {k: v for k, v in resource.get("Metadata", {}).items() if k != "aws:cdk:path"}
    for key in sorted(resource.keys() - _RESOURCE_PARTS):
        yield from _flat({key: resource[key]}, names)
    if metadata:
        yield from _flat({"Metadata": metadata}, names)
    tags = properties.pop("Tags", None)
    if tags is not None:
        yield f"Tags: {short(tags, names)}"
    if properties:
        yield from _flat(properties, names)


def _flat(value: Any, names: dict[str, str], path: str = "") -> Iterator[str]:
    """One line a value; a statement of a policy is one line, too."""
    value = resolved(value, names)
    if path.endswith("DefinitionString") and isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict) and "Effect" in value:
        yield f"{path}: {statement_line(value, names)}"
    elif isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _flat(value[key], names, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, each in enumerate(value):
            yield from _flat(each, names, f"{path}[{number}]")
    else:
        yield f"{path}: {short(value, names)}"


def statement_line(statement: Json, names: dict[str, str]) -> str:
    said = {key: short(value, names) for key, value in statement.items()}
    words = [said.pop("Effect")]
    for key, word in (
        ("Principal", "to"), ("NotPrincipal", "to all but"), ("Action", "does"),
        ("NotAction", "does all but"), ("Resource", "on"), ("NotResource", "on all but"),
        ("Condition", "if"), ("Sid", "called"),
    ):  # fmt: skip
        if key in said:
            words.append(f"{word} {said.pop(key)}")
    words += [f"{key} {value}" for key, value in sorted(said.items())]
    return " | ".join(words)


def short(value: Any, names: dict[str, str]) -> str:
    return json.dumps(_deep(value, names), sort_keys=True, ensure_ascii=False)


def _deep(value: Any, names: dict[str, str]) -> Any:
    value = resolved(value, names)
    if isinstance(value, dict):
        return {key: _deep(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_deep(each, names) for each in value]
    return value


def resolved(value: Any, names: dict[str, str]) -> Any:
    """Write references as text: <Name>, <Name.Arn>; and joined texts as one."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((function, of),) = value.items()
    if function == "Ref":
        return f"<{names.get(of, of)}>"
    if function == "Fn::GetAtt" and isinstance(of, list):
        return f"<{names.get(of[0], of[0])}.{of[1]}>"
    if function == "Fn::Join":
        parts = [_deep(part, names) for part in of[1]]
        return of[0].join(part if isinstance(part, str) else json.dumps(part) for part in parts)
    if function.startswith("Fn::"):
        return f"<{function[4:]} {short(of, names)}>"
    return value
