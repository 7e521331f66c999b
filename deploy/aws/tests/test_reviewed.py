"""What is deployed is exactly what was reviewed: `pytest --review` rewrites the record."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import DIGEST, STACKS, read
from reviewed import FOLDER, TOPICS, review, review_stack
from template import Json

EXPLAIN = (
    "The template is not as reviewed. Read the difference; if all of it is meant, write it down "
    "with `python -m pytest --review` in deploy/aws and let somebody review the files."
)


def difference(was: list[str], now: list[str], topic: str) -> str:
    return "\n".join(
        difflib.unified_diff(was, now, f"{topic}, reviewed", f"{topic}, now", lineterm="", n=0)
    )


def check(topic: str, now: list[str], is_review: bool) -> None:
    file = FOLDER / f"{topic}.txt"
    if is_review:
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join([*now, ""]), "utf-8")
        return
    was = file.read_text("utf-8").splitlines() if file.exists() else []
    found = difference(was, now, topic)
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
    from persona_access_aws.stages import STAGES

    make_app(stage, DIGEST, str(tmp_path)).synth()
    for name in ("account", "name"):
        ours, theirs = getattr(STAGES["production"], name), getattr(STAGES[stage], name)
        for file in [*tmp_path.glob("*.template.json"), tmp_path / "manifest.json"]:
            file.write_text(file.read_text("utf-8").replace(theirs, ours))
    for file in tmp_path.glob("*.template.json"):
        file.rename(tmp_path / file.name.replace(stage, "production"))
    now, production = review(tmp_path), review(synthesised)
    lines = [
        line
        for topic in sorted(now.keys() | production.keys())
        for line in difference(production.get(topic, []), now.get(topic, []), topic).splitlines()
        if not line.startswith("@@")
    ]
    check(stage, lines, is_review)


# Nothing is left out ------------------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Find the way to every single value."""
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
                # No template any more: a state machine that is not JSON, a reference to nothing.
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
