"""Finding one's way in a CloudFormation template."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def of_type(template: Json, kind: str) -> dict[str, Json]:
    """Properties of the resources of a type, such as `S3::Bucket`, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def one(template: Json, kind: str, name_start: str = "") -> Json:
    """Properties of the only such resource."""
    (found,) = (
        properties
        for name, properties in of_type(template, kind).items()
        if name.startswith(name_start)
    )
    return found


def as_list(value: Any) -> list[Any]:
    """IAM writes a list of one as that one."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Write a value with its references, as text to look into."""
    return json.dumps(value, sort_keys=True)


def statements_of_role(template: Json, role_start: str) -> list[Json]:
    """List what the policies of a role say."""
    return [
        statement
        for policy in of_type(template, "IAM::Policy").values()
        if any(role.get("Ref", "").startswith(role_start) for role in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def actions_of_role(template: Json, role_start: str) -> set[str]:
    """Every action that a role may do."""
    return {
        action
        for statement in statements_of_role(template, role_start)
        for action in as_list(statement["Action"])
    }


def bucket_statements(template: Json, bucket_start: str) -> list[Json]:
    """List what the policy of a bucket says."""
    (found,) = (
        policy["PolicyDocument"]["Statement"]
        for policy in of_type(template, "S3::BucketPolicy").values()
        if policy["Bucket"].get("Ref", "").startswith(bucket_start)
    )
    return list(found)


def machine_states(template: Json, machine_start: str) -> dict[str, Json]:
    """States of a state machine by name; references are written as text."""
    definition = one(template, "StepFunctions::StateMachine", machine_start)["DefinitionString"]
    parts = definition["Fn::Join"][1] if isinstance(definition, dict) else [definition]
    whole = "".join(part if isinstance(part, str) else _reference(part) for part in parts)
    return dict(json.loads(whole)["States"])


def edit_machine(template: Json, old: str, new: str, machine_start: str = "WeeklyMachine") -> None:
    """Replace a text in the definition of a state machine."""
    found = one(template, "StepFunctions::StateMachine", machine_start)
    before = json.dumps(found["DefinitionString"])
    after = before.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1], 1)
    assert after != before, old
    found["DefinitionString"] = json.loads(after)


def _reference(part: Json) -> str:
    (value,) = part.values()
    return ".".join(as_list(value))
