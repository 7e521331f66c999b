"""The entry point of `cdk synth -c stage=dev -c image_digest=sha256:...`."""

from __future__ import annotations

import aws_cdk as cdk

from persona_access_aws.application import make_app

_asked = cdk.App().node
make_app(
    str(_asked.try_get_context("stage")),
    str(_asked.try_get_context("image_digest")),
    s3_prefix_list=_asked.try_get_context("s3_prefix_list"),
).synth()
