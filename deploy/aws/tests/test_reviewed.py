"""What is deployed is exactly what was reviewed: `pytest --review` rewrites the record."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import STACKS, read
from reviewed import (
    DIGEST,
    EXPLAIN,
    FOLDER,
    TOPICS,
    as_production,
    difference,
    record,
    review,
    review_stack,
    reviewed_lines,
)
from template import Json


def check(name: str, now: list[str], is_review: bool) -> None:
    if is_review:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.txt").write_text("\n".join([*now, ""]), "utf-8")
        return
    found = "\n".join(difference(reviewed_lines(name), now, name))
    assert not found, f"{EXPLAIN}\n{found}"


@pytest.mark.parametrize("topic", ["stacks", *TOPICS])
def test_production_is_as_reviewed(topic: str, synthesised: Path, is_review: bool) -> None:
    check(topic, review(synthesised)[topic], is_review)


def test_every_resource_has_its_topic(synthesised: Path) -> None:
    assert review(synthesised).keys() == {"stacks", *TOPICS}
    assert {file.stem for file in FOLDER.glob("*.txt")} == {"stacks", *TOPICS, "dev", "staging"}


@pytest.mark.parametrize("stage", ["dev", "staging"])
def test_another_stage_differs_from_production_as_reviewed(
    stage: str, synthesised: Path, tmp_path: Path, is_review: bool
) -> None:
    from persona_access_aws.application import make_app

    make_app(stage, DIGEST, str(tmp_path)).synth()
    renamed = as_production(stage, DIGEST, None)
    check(stage, record(stage, tmp_path, renamed, review(synthesised))[stage], is_review)


# Nothing is left out ------------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path to each value."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))
    else:
        yield path


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "x"


@pytest.mark.parametrize("stack", STACKS)
def test_no_value_changes_unseen(stack: str, synthesised: Path) -> None:
    template = read(synthesised / f"{stack}.template.json")
    about = read(synthesised / "manifest.json")["artifacts"][stack]
    n_leaves = 0
    for logical, resource in template["Resources"].items():
        alone = {**template, "Resources": {logical: copy.deepcopy(resource)}}
        was = review_stack(stack, alone, about)
        for path in leaves(resource):
            # A path of CDK's own constructs, which AWS does not read.
            if path == ("Metadata", "aws:cdk:path"):
                continue
            n_leaves += 1
            place = alone["Resources"][logical]
            for key in path[:-1]:
                place = place[key]
            before = place[path[-1]]
            place[path[-1]] = changed(before)
            try:
                now: Any = review_stack(stack, alone, about)
            except (ValueError, TypeError, KeyError, IndexError):
                # Not a valid template: a state machine is not JSON, or a reference is broken.
                now = None
            assert now != was, (logical, path)
            place[path[-1]] = before
    assert n_leaves > 20


@pytest.mark.parametrize("stack", STACKS)
def test_no_resource_comes_or_goes_unseen(stack: str, synthesised: Path) -> None:
    template = read(synthesised / f"{stack}.template.json")
    about = read(synthesised / "manifest.json")["artifacts"][stack]
    was = review_stack(stack, template, about)
    for logical in template["Resources"]:
        fewer: Json = {
            **template,
            "Resources": {k: v for k, v in template["Resources"].items() if k != logical},
        }
        assert review_stack(stack, fewer, about) != was
    more = copy.deepcopy(template)
    more["Resources"]["New"] = {"Type": "AWS::Lambda::Function"}
    assert "other" in review_stack(stack, more, about)


def test_the_protection_of_a_stack_is_written_down(synthesised: Path) -> None:
    about = read(synthesised / "manifest.json")["artifacts"]["PersonaAccess-production"]
    template: Json = {"Resources": {}}
    lines = review_stack("x", template, about)["stacks"]
    assert "terminationProtection: true" in lines
    about["properties"]["terminationProtection"] = False
    assert review_stack("x", template, about)["stacks"] != lines
    assert json.dumps(about)
