"""Read parts of a CloudFormation template."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def of_type(template: Json, kind: str) -> dict[str, Json]:
    """Return the properties of the resources of a type, such as `S3::Bucket`, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def one(template: Json, kind: str, name_start: str = "") -> Json:
    """Return the properties of the only such resource."""
    (found,) = (
        properties
        for name, properties in of_type(template, kind).items()
        if name.startswith(name_start)
    )
    return found


def as_list(value: Any) -> list[Any]:
    """Return a list of values: IAM writes a list with one value as that value."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Write a value with its references as text to search."""
    return json.dumps(value, sort_keys=True)


def statements_of_role(template: Json, role_start: str) -> list[Json]:
    """List the policy statements of a role."""
    return [
        statement
        for policy in of_type(template, "IAM::Policy").values()
        if any(role.get("Ref", "").startswith(role_start) for role in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def actions_of_role(template: Json, role_start: str) -> set[str]:
    """Return every action that a role can do."""
    return {
        action
        for statement in statements_of_role(template, role_start)
        for action in as_list(statement["Action"])
    }


def bucket_statements(template: Json, bucket_start: str) -> list[Json]:
    """List the policy statements of a bucket."""
    (found,) = (
        policy["PolicyDocument"]["Statement"]
        for policy in of_type(template, "S3::BucketPolicy").values()
        if policy["Bucket"].get("Ref", "").startswith(bucket_start)
    )
    return list(found)


def machine_states(template: Json, machine_start: str) -> dict[str, Json]:
    """Return the states of a state machine by name; references are written as text."""
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
