"""Every guarantee holds, and every check fails when its guarantee is broken."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from conftest import DIGEST, Template, read
from exact import Section, broken, check_nothing_else, sections, values_of
from guarantees import GUARANTEES, Guarantee
from template import of_type, one

CASES = pytest.mark.parametrize("case", GUARANTEES, ids=[case.sentence for case in GUARANTEES])


@CASES
def test_guarantee_is_kept(case: Guarantee, template: Template) -> None:
    case.check(template)


@CASES
def test_broken_guarantee_is_seen(case: Guarantee, template: Template) -> None:
    broken = copy.deepcopy(template)
    case.sabotage(broken)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        case.check(broken)


STACKS = {
    "main": "PersonaAccess-production",
    "registry": "PersonaAccess-production-registry",
    "second-region": "PersonaAccess-production-second-region",
}
SAID = [(stack, section) for stack in STACKS for section in sections(stack)]


@pytest.mark.parametrize(("stack", "section"), SAID, ids=[each.sentence for _, each in SAID])
def test_exactly_what_is_guaranteed_is_there(
    stack: str, section: Section, synthesised: Path
) -> None:
    template = read(synthesised / f"{STACKS[stack]}.template.json")
    values = values_of(template)
    section.check(values)
    # It also detects a change of each value that it covers.
    for properties in values[section.kind].values():
        for path, value in properties.items():
            if section.claims(section.kind, path):
                properties[path] = [value, "changed"]
                with pytest.raises(AssertionError, match="guaranteed"):
                    section.check(values)
                properties[path] = value


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_there_that_no_guarantee_covers(stack: str, synthesised: Path) -> None:
    template = read(synthesised / f"{STACKS[stack]}.template.json")
    check_nothing_else(stack, template)
    # One resource of each kind: the sentence about the whole kind, or the last one, detects it.
    for resource in {found["Type"]: found for found in template["Resources"].values()}.values():
        properties = resource.setdefault("Properties", {})
        properties["Invented"] = True
        assert broken(stack, template), resource["Type"]
        del properties["Invented"]
    assert broken(stack, template) == []


def test_a_stack_cannot_be_deleted_by_accident(synthesised: Path) -> None:
    artifacts = read(synthesised / "manifest.json")["artifacts"]
    for stack in STACKS.values():
        assert artifacts[stack]["properties"]["terminationProtection"] is True


def test_images_never_change_and_are_scanned(registry: Template) -> None:
    images = one(registry, "ECR::Repository")
    assert images["ImageTagMutability"] == "IMMUTABLE"
    assert images["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert images["EncryptionConfiguration"]["EncryptionType"] == "KMS"


def test_an_image_by_tag_and_an_unknown_stage_are_refused() -> None:
    from persona_access_aws.application import make_app

    with pytest.raises(ValueError, match="not a digest"):
        make_app("dev", "latest")
    with pytest.raises(ValueError, match="not a stage 'prod'"):
        make_app("prod", DIGEST)


def test_stages_share_no_account() -> None:
    from persona_access_aws.stages import STAGES

    assert list(STAGES) == ["dev", "staging", "production"]
    assert len({stage.account for stage in STAGES.values()}) == 3


def test_nothing_in_the_template_names_another_stage(template: Template) -> None:
    assert "222222222222" not in str(template)
    assert "staging" not in str(template)
    assert of_type(template, "S3::Bucket")
