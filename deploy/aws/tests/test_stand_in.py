"""Create the buckets, keys and roles of the template in a simulation of AWS, and load there.

The simulation is moto, on loopback, which enforces the policies of roles. It does not evaluate
conditions, and its CloudFormation reports CREATE_COMPLETE without creating bucket policies,
secrets, alarms, schedules, endpoints and tasks: guarantees.py covers those.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from conftest import read

PROJECT = Path(__file__).resolve().parents[3]
COMMAND = PROJECT / ".venv" / "bin" / "persona-access"
CARRIED = {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::IAM::Role", "AWS::IAM::Policy"}
REGION, ACCOUNT = "eu-west-2", "123456789012"
ROLES = ("TasksLoadRole", "TasksBuildRole", "TasksPublishRole", "Analyst")
DELIVERY = "hr_headcount_2026-01-05.csv"
HR = "brid,full_name,employment_status,management_level,cost_center\n1,Invented,active,L1,F\n"

if not COMMAND.exists():
    pytest.skip("the project itself is not installed: make setup", allow_module_level=True)


@dataclass(frozen=True)
class Cloud:
    """The simulation with the stack: `names` by logical id, `sessions` by role."""

    url: str
    names: dict[str, str]
    sessions: dict[str, dict[str, str]]

    def name(self, prefix: str) -> str:
        """Find the physical name of the resource whose logical id has this start."""
        (found,) = (
            name
            for logical, name in self.names.items()
            if logical.startswith(prefix) and "Policy" not in logical
        )
        return found

    def s3(self, role: str) -> Any:
        """Call S3 as a role."""
        session = self.sessions[role]
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )


def carried(template: Any) -> Any:
    """Keep the resources that the simulation supports; references to others become names."""
    kept = {
        name: {key: value for key, value in resource.items() if key != "DependsOn"}
        for name, resource in template["Resources"].items()
        if resource["Type"] in CARRIED
    }

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(each) for each in value]
        if not isinstance(value, dict):
            return value
        target = value.get("Ref") or value.get("Fn::GetAtt") or value.get("Fn::ImportValue")
        name = target[0] if isinstance(target, list) else target
        if isinstance(name, str) and not name.startswith("AWS::") and name not in kept:
            return f"arn:aws:elsewhere:{REGION}:{ACCOUNT}:{name}"
        # The simulation fails on tags.
        return {key: resolve(each) for key, each in value.items() if key != "Tags"}

    return {"Resources": resolve(kept)}


@pytest.fixture(scope="module")
def cloud(synthesised: Path) -> Iterator[Cloud]:
    """Create the stack, deliver a file, assume each role; from then on, rights are enforced."""
    template = carried(read(synthesised / "PersonaAccess-production.template.json"))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"

    def as_anybody(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="anybody",
            aws_secret_access_key="anybody",  # noqa: S106 - the stand-in asks for none yet
        )

    formation = as_anybody("cloudformation")
    formation.create_stack(
        StackName="weekly", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
    )
    pages = formation.get_paginator("list_stack_resources").paginate(StackName="weekly")
    names = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
    }
    assert set(names) == set(template["Resources"])
    cloud = Cloud(url, names, {})
    s3 = as_anybody("s3")
    s3.put_object(Bucket=cloud.name("BucketsDrop"), Key=DELIVERY, Body=HR.encode())
    for variant in ("full", "masked"):
        s3.put_object(
            Bucket=cloud.name("BucketsPublish"), Key=f"{variant}/current.json", Body=b"{}"
        )
    for role in ROLES:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{cloud.name(role)}"
        taken = as_anybody("sts").assume_role(RoleArn=arn, RoleSessionName="test")
        cloud.sessions[role] = taken["Credentials"]
    enforce = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(enforce).close()  # noqa: S310 - our own server
    yield cloud
    server.stop()


def step(cloud: Cloud, role: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a step as its container would, with the credentials of a role."""
    session = cloud.sessions[role]
    return subprocess.run(
        [COMMAND, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PERSONA_ACCESS_PROJECT": str(PROJECT),
            "PERSONA_ACCESS_HOME": str(home),
            "PERSONA_ACCESS_DROP_ZONE": f"s3://{cloud.name('BucketsDrop')}",
            "PERSONA_ACCESS_ANCHOR_URL": f"s3://{cloud.name('BucketsAudit')}/anchors",
            "PERSONA_ACCESS_LEAVE_FILES": "true",
            "PERSONA_ACCESS_ENCRYPTION_KEY": "0f" * 32,
            "AWS_ENDPOINT_URL": cloud.url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_delivery_is_loaded_by_its_role_and_anchored(cloud: Cloud, tmp_path: Path) -> None:
    done = step(cloud, "TasksLoadRole", tmp_path / "home", "load")

    assert done.returncode == 0, done.stdout + done.stderr
    rows = tmp_path / "home/raw/hr_headcount/extract_date=2026-01-05/version=1/rows.parquet"
    assert rows.read_bytes()[:4] == b"PARE", "encrypted"
    # No step can read an anchor, so a role with all rights reads it here.
    refused(cloud.s3("TasksLoadRole").list_objects_v2, Bucket=cloud.name("BucketsAudit"))


@pytest.mark.parametrize("role", ["TasksBuildRole", "TasksPublishRole", "Analyst"])
def test_no_other_role_loads(cloud: Cloud, tmp_path: Path, role: str) -> None:
    done = step(cloud, role, tmp_path / "home", "load")

    assert done.returncode == 3
    assert "cannot be listed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "home").rglob("*_v1.json"))


def refused(request: Any, **arguments: Any) -> None:
    with pytest.raises(ClientError) as error:
        request(**arguments)
    assert error.value.response["Error"]["Code"] in {"AccessDenied", "403"}


MAY = {
    "TasksLoadRole": {"get_drop", "list_drop", "put_anchor"},
    "TasksBuildRole": {"put_anchor"},
    "TasksPublishRole": {"put_publish", "put_anchor"},
    "Analyst": {"get_masked", "list_publish"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_its_own_and_is_refused_all_else(cloud: Cloud, role: str) -> None:
    s3 = cloud.s3(role)
    drop, publish, audit = (cloud.name(f"Buckets{name}") for name in ("Drop", "Publish", "Audit"))
    requests = {
        "get_drop": (s3.get_object, {"Bucket": drop, "Key": DELIVERY}),
        "list_drop": (s3.list_objects_v2, {"Bucket": drop}),
        "put_drop": (s3.put_object, {"Bucket": drop, "Key": DELIVERY, "Body": b""}),
        "delete_drop": (s3.delete_object, {"Bucket": drop, "Key": DELIVERY}),
        "get_full": (s3.get_object, {"Bucket": publish, "Key": "full/current.json"}),
        "get_masked": (s3.get_object, {"Bucket": publish, "Key": "masked/current.json"}),
        "list_publish": (s3.list_objects_v2, {"Bucket": publish, "Prefix": "masked/"}),
        "put_publish": (s3.put_object, {"Bucket": publish, "Key": "full/x", "Body": b""}),
        "delete_publish": (s3.delete_object, {"Bucket": publish, "Key": "full/current.json"}),
        "put_anchor": (s3.put_object, {"Bucket": audit, "Key": "anchors/x", "Body": b""}),
        "put_trail": (s3.put_object, {"Bucket": audit, "Key": "AWSLogs/x", "Body": b""}),
        "delete_anchor": (s3.delete_object, {"Bucket": audit, "Key": "anchors/x"}),
        "open_policy": (s3.delete_bucket_policy, {"Bucket": publish}),
        "list_buckets": (s3.list_buckets, {}),
    }
    for name, (request, arguments) in requests.items():
        if name in MAY[role]:
            request(**arguments)
        else:
            refused(request, **arguments)
