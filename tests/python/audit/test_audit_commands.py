"""Every command records its changes and disclosures in the audit log, or states why not.

The possible entries of a command are read from the code: from its function through all calls to
`record`. So a new command, or one without its entry, is found without running it.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from persona_access.base.files import sha256_of
from persona_access.commands.main import app
from scenarios.project import Project

SOURCES = Path(__file__).resolve().parents[3] / "scripts"
RECORD = ("persona_access.audit.record", "record")

# The possible entries of each command. `run` could serve, but never does.
RECORDED = {
    "load": {"load"},
    "build": {"build", "accept_gate"},
    "rebuild": {"build"},
    "publish": {"publish", "serve"},
    "serve": {"serve"},
    "rollback": {"rollback"},
    "evidence": {"evidence"},
    "prune": {"prune"},
    "audit repair": {"repair"},
    "decrypt": {"decrypt"},
    "run": {"load", "build", "publish", "serve", "accept_gate"},
}
NOT_RECORDED = {
    "audit verify": "It only reads.",
    "answer": "It only passes a question on to a command that only answers.",
    "audit anchor": "It copies the head of the log elsewhere, and changes nothing here.",
    "apply": "It proposes a decision; each build records the hashes of all seeds.",
    "accounts": "It proposes a decision; each build records the hashes of all seeds.",
    "mine": "It proposes changes of decisions; each build records the hashes of all seeds.",
    "causes": "It shows only what its user can already read in the warehouse.",
    "check": "It only reads.",
    "demo": "It invents deliveries; loading them is recorded.",
    "evaluate": "It only measures.",
    "explain": "It shows only what its user can already read in the warehouse.",
    "impact": "It compares on copies, which go.",
    "onboard": "It proposes a mapping; the load ledger records the one that a file was read by.",
    "remind": "It sends counts and a link to people whose lists are already published.",
    "requests": "It shows what the marts hold; tickets that come back are recorded by the load.",
    "resolve": "It asks a copy, which goes.",
    "settings": "It only shows what is set.",
    "summary": "It shows only what its user can already read in the warehouse.",
    "train": "It writes seeds, and each build records the hashes of all seeds.",
    "verify": "It builds on a copy, which goes.",
    "why-changed": "What it keeps is computed from what is recorded, and can be computed again.",
}


def commands() -> dict[str, click.Command]:
    """Return every command by its name on the command line."""

    def below(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, (*words, name))
            else:
                yield " ".join((*words, name)), command

    return dict(below(typer.main.get_command(app), ()))


# What calls what ----------------------------------------------------------------------------------

Place = tuple[str, str]


@dataclass
class Module:
    """The top-level definitions of a module, and the origin of its imported names."""

    defined: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, Place] = field(default_factory=dict)


@cache
def modules() -> dict[str, Module]:
    found = {}
    for file in sorted((SOURCES / "persona_access").rglob("*.py")):
        parts = file.relative_to(SOURCES).with_suffix("").parts
        module = found[".".join(part for part in parts if part != "__init__")] = Module()
        tree = ast.parse(file.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                module.defined[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = (name for target in targets for name in ast.walk(target))
                module.defined |= {name.id: node for name in names if isinstance(name, ast.Name)}
        module.imported = imports(tree)
    return found


def imports(tree: ast.AST) -> dict[str, Place]:
    """Return all names imported with `from`, including imports within functions."""
    return {
        name.asname or name.name: (node.module or "", name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def origin(place: Place) -> Place:
    """Resolve a name through re-exporting modules to the module that defines it."""
    module = modules().get(place[0])
    if module and place[1] not in module.defined and place[1] in module.imported:
        return origin(module.imported[place[1]])
    return place


@cache
def called(place: Place) -> list[tuple[Place, ast.Call | None]]:
    """List every function and class that a definition uses, with the call if it is one."""
    return list(_called(place))


def _called(place: Place) -> Iterator[tuple[Place, ast.Call | None]]:
    module = place[0]
    definition = modules()[module].defined[place[1]]
    own = imports(definition)

    def named(name: str) -> Place:
        return origin(own.get(name, (module, name)))

    for node in ast.walk(definition):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield named(node.func.id), node
        elif isinstance(node, ast.Name):
            yield named(node.id), None
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            # A function of a module that was imported as a module.
            yield origin((".".join(named(node.value.id)), node.attr)), None
        elif isinstance(node, ast.Constant) and node.value in modules():
            # A module that is imported by name counts with everything that it re-exports.
            passed_on = modules()[node.value]
            for each in (*passed_on.defined, *passed_on.imported):
                yield origin((node.value, each)), None


def actions(start: Place) -> set[str]:
    """Return the actions of all entries that a function can write."""
    found, seen, todo = set(), {start}, [start]
    while todo:
        place = todo.pop()
        for target, call in called(place):
            if target == RECORD and call is not None:
                found.add(_value(place[0], call.args[1]))
            elif target not in seen and target[1] in modules().get(target[0], Module()).defined:
                seen.add(target)
                todo.append(target)
    return found


def _value(module: str, argument: ast.expr) -> str:
    """Return the text of a literal, or of a constant of the module."""
    if isinstance(argument, ast.Name):
        return str(getattr(importlib.import_module(module), argument.id))
    return str(ast.literal_eval(argument))


# Tests --------------------------------------------------------------------------------------------


def test_every_command_is_recorded_or_says_why_not() -> None:
    assert sorted(commands()) == sorted([*RECORDED, *NOT_RECORDED])


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_comes_to_the_entries_that_it_should(name: str) -> None:
    callback: Any = commands()[name].callback
    place = (callback.__module__, callback.__name__)
    assert actions(place) == RECORDED.get(name, set())


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_command_that_is_recorded_anchors_the_log(name: str) -> None:
    callback: Any = commands()[name].callback
    names = {target for target, _ in called((callback.__module__, callback.__name__))}
    assert ("persona_access.audit.anchor", "anchored") in names


@pytest.mark.parametrize(
    "words",
    [["audit", "verify"], ["explain", "5004"], ["summary"]],
    ids=lambda words: " ".join(words),
)
def test_what_only_answers_leaves_every_byte_as_it_was(
    built_bank: Project, words: list[str]
) -> None:
    def kept() -> dict[Path, str]:
        files = (file for file in built_bank.settings.home.rglob("*") if file.is_file())
        return {file: sha256_of(file) for file in files}

    before = kept()
    result = built_bank.run(*words)
    assert result.exit_code == 0, result.output
    assert kept() == before
