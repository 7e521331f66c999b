"""Write a complete synthesised stage as lines that a person can review.

Every value of every resource becomes a part of a line, so the reviewed files are complete, and
every change of what is deployed changes a line. `tests/reviewed/` has the reviewed state.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from persona_access_aws.stages import STAGES
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


EXPLAIN = (
    "What would be deployed is not as reviewed. Read the difference; if all of it is meant, write "
    "it down with `python -m pytest --review` in deploy/aws and let somebody review the files."
)
# The image of the reviewed stages.
DIGEST = "sha256:" + "a" * 64
# What only people read.
_FOR_PEOPLE = {"cdk:tree", "cdk:feature-flag-report"}


def as_production(stage: str, digest: str, s3_prefix_list: str | None) -> dict[str, str]:
    """Return what a stage is called and given, and what stands for it in the reviewed files."""
    ours, theirs = STAGES["production"], STAGES[stage]
    return {
        theirs.account: ours.account,
        theirs.name: ours.name,
        digest: DIGEST,
        s3_prefix_list or ours.s3_prefix_list: ours.s3_prefix_list,
    }


def record(
    stage: str, assembly: Path, renamed: Mapping[str, str], production: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Write down the assembly of a stage, by file of `reviewed/`.

    One that is not production is written down as the difference from production.
    """
    now = review(assembly, renamed)
    if stage == "production":
        return now
    return {
        stage: [
            line
            for topic in sorted(now.keys() | production.keys())
            for line in difference(production.get(topic, []), now.get(topic, []), topic)
            if not line.startswith("@@")
        ]
    }


def reviewed_lines(name: str) -> list[str]:
    """Return what was reviewed, of a topic of production or of another stage."""
    file = FOLDER / f"{name}.txt"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def difference(was: list[str], now: list[str], topic: str) -> list[str]:
    return list(
        difflib.unified_diff(was, now, f"{topic}, reviewed", f"{topic}, now", lineterm="", n=0)
    )


def review(assembly: Path, renamed: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Write down the cloud assembly in a folder: lines by topic.

    All that a deployment reads: the templates, where it takes them from, and what else it uploads,
    builds or runs. `renamed` has what is written down by another name.
    """

    def read(file: str) -> Json:
        text = (assembly / file).read_text("utf-8")
        for was, now in (renamed or {}).items():
            text = text.replace(was, now)
        return dict(json.loads(text))

    by_file = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"].values()
    lines: dict[str, list[str]] = defaultdict(list)
    artifacts = zip(read("manifest.json")["artifacts"].items(), by_file, strict=True)
    for (name, artifact), original in sorted(artifacts, key=lambda found: f"{found[0][0]}."):
        file = original.get("properties", {}).get("file", "")
        if artifact["type"] == "aws:cloudformation:stack":
            template = original["properties"]["templateFile"]
            hashed = {_hash(assembly, template): "<template>"}
            for topic, found in review_stack(name, read(template), artifact).items():
                lines[topic] += found
            address = artifact["properties"]["stackTemplateAssetObjectUrl"]
            lines["stacks"].append(f"deployed from: {_without(hashed, address)}")
        elif artifact["type"] == "cdk:asset-manifest":
            templates = [path.name for path in assembly.glob("*.template.json")]
            hashed = {_hash(assembly, path): "<template>" for path in templates}
            said = json.loads(_without(hashed, json.dumps(read(file))))
            for asset in (*said["files"].values(), *said["dockerImages"].values()):
                # They are named by hashes of account and region.
                asset["destinations"] = list(asset["destinations"].values())
            lines["stacks"] += [f"== {name} (what is uploaded)", *_flat(said, {})]
        elif artifact["type"] not in _FOR_PEOPLE:
            lines["stacks"] += [f"== {name} ({artifact['type']})", *_flat(artifact, {})]
    return dict(lines)


def _hash(assembly: Path, template: str) -> str:
    return hashlib.sha256((assembly / template).read_bytes()).hexdigest()


def _without(hashed: Mapping[str, str], text: str) -> str:
    for found, name in hashed.items():
        text = text.replace(found, name)
    return text


def review_stack(name: str, template: Json, stack: Json) -> dict[str, list[str]]:
    """Write down one stack: lines by topic. `stack` is what the manifest says of it."""
    names = names_of(template)
    lines: dict[str, list[str]] = defaultdict(list)
    about = {key: value for key, value in template.items() if key != "Resources"}
    about["environment"] = stack["environment"]
    about["dependencies"] = stack.get("dependencies", [])
    # Its address is written down with what is uploaded.
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
