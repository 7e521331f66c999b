"""Every promise holds, and every check fails when its promise is broken."""

from __future__ import annotations

import copy

import pytest

from conftest import DIGEST, Template
from promises import PROMISES, Promise
from template import of_type, one

CASES = pytest.mark.parametrize("case", PROMISES, ids=[case.sentence for case in PROMISES])


@CASES
def test_promise_is_kept(case: Promise, template: Template) -> None:
    case.check(template)


@CASES
def test_broken_promise_is_seen(case: Promise, template: Template) -> None:
    broken = copy.deepcopy(template)
    case.sabotage(broken)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        case.check(broken)


def test_images_never_change_and_are_scanned(registry: Template) -> None:
    images = one(registry, "ECR::Repository")
    assert images["ImageTagMutability"] == "IMMUTABLE"
    assert images["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert images["EncryptionConfiguration"]["EncryptionType"] == "KMS"


def test_an_image_by_tag_and_an_unknown_stage_are_refused() -> None:
    from persona_access_aws.application import make_app

    with pytest.raises(ValueError, match="no digest"):
        make_app("dev", "latest")
    with pytest.raises(ValueError, match="no stage 'prod'"):
        make_app("prod", DIGEST)


def test_stages_share_no_account() -> None:
    from persona_access_aws.stages import STAGES

    assert list(STAGES) == ["dev", "staging", "production"]
    assert len({stage.account for stage in STAGES.values()}) == 3


def test_nothing_in_the_template_names_another_stage(template: Template) -> None:
    assert "222222222222" not in str(template)
    assert "staging" not in str(template)
    assert of_type(template, "S3::Bucket")
