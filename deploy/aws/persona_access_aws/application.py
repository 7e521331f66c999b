"""The CDK application of one stage."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from persona_access_aws.acknowledged import acknowledge
from persona_access_aws.backup import SecondRegionStack
from persona_access_aws.registry import RegistryStack
from persona_access_aws.stack import WeeklyStack
from persona_access_aws.stages import STAGES, Stage

_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
_PREFIX_LIST = re.compile(r"^pl-[0-9a-f]{8,17}$")
_CDK_JSON = Path(__file__).resolve().parents[1] / "cdk.json"


def make_app(
    stage_name: str,
    image_digest: str,
    outdir: str | None = None,
    s3_prefix_list: str | None = None,
) -> cdk.App:
    """Create the application of a stage, which runs the image with this digest.

    `s3_prefix_list` overrides that of the stage. Raises ValueError for an unknown stage, an image
    without a digest, or an invalid prefix list.
    """
    if stage_name not in STAGES:
        raise ValueError(f"There is not a stage '{stage_name}'; there are: {', '.join(STAGES)}.")
    if not _DIGEST.match(image_digest):
        raise ValueError(f"'{image_digest}' is not a digest: name the image as sha256:<64 digits>.")
    stage = STAGES[stage_name]
    if s3_prefix_list is not None:
        if not _PREFIX_LIST.match(s3_prefix_list):
            raise ValueError(
                f"'{s3_prefix_list}' is not a prefix list of S3: check AWS_REGION, and that "
                "the role can call ec2:DescribeManagedPrefixLists."
            )
        stage = replace(stage, s3_prefix_list=s3_prefix_list)
    app = cdk.App(outdir=outdir, context=_context(stage))
    place = {
        "env": cdk.Environment(account=stage.account, region=stage.region),
        "termination_protection": True,
    }
    title = f"PersonaAccess-{stage.name}"
    registry = RegistryStack(app, f"{title}-registry", stage, synthesizer=_synthesizer(), **place)
    weekly = WeeklyStack(
        app,
        title,
        stage=stage,
        images=registry.images,
        image_digest=image_digest,
        synthesizer=_synthesizer(),
        **place,
    )
    second = SecondRegionStack(
        app,
        f"{title}-second-region",
        stage,
        synthesizer=_synthesizer(),
        env=cdk.Environment(account=stage.account, region=stage.second_region),
        termination_protection=True,
    )
    # The backup plan refers to the vault in the second region by name.
    weekly.add_stack_dependency(second)
    cdk.Tags.of(app).add("application", "persona-access")
    cdk.Tags.of(app).add("stage", stage.name)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    acknowledge(weekly, registry, stage)
    return app


def _context(stage: Stage) -> dict[str, object]:
    """Return the flags of cdk.json, and values that CDK would otherwise query from the account."""
    flags: dict[str, object] = json.loads(_CDK_JSON.read_text("utf-8"))["context"]
    zones = f"availability-zones:account={stage.account}:region={stage.region}"
    return flags | {zones: list(stage.availability_zones)}


def _synthesizer() -> cdk.DefaultStackSynthesizer:
    return cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
