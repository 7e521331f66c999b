"""Check exactly what a stage with PostgreSQL adds, and that nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from conftest import DIGEST, Template, read
from exact import SAYS_NOTHING, Section, sections, values_of
from template import machine_states, of_type, one, statements_of_role, text
from test_linters import run

PROJECT = Path(__file__).resolve().parents[3]
AUTHORITIES = PROJECT / "deploy" / "image" / "rds.pem"
SAID = sections("database")
READERS = "10.0.0.0/8"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise production with a database; cdk-nag raises for unacknowledged findings."""
    from persona_access_aws import application

    found = tmp_path_factory.mktemp("database")
    production = application.STAGES["production"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            application.STAGES,
            "production",
            replace(production, has_database=True, reader_networks=(READERS,)),
        )
        application.make_app("production", DIGEST, str(found)).synth()
    return found


@pytest.fixture
def with_database(folder: Path) -> Template:
    return read(folder / "PersonaAccess-production.template.json")


@pytest.mark.parametrize("section", SAID, ids=[each.sentence for each in SAID])
def test_the_database_is_exactly_as_guaranteed(section: Section, with_database: Template) -> None:
    values = values_of(with_database)
    section.check(values)
    for properties in values[section.kind].values():
        for path, value in properties.items():
            if section.claims(section.kind, path):
                properties[path] = [value, "changed"]
                with pytest.raises(AssertionError, match="guaranteed"):
                    section.check(values)
                properties[path] = value


def test_no_property_of_the_database_is_without_a_guarantee(with_database: Template) -> None:
    for kind, resources in values_of(with_database).items():
        if kind.startswith("RDS::"):
            for properties in resources.values():
                for path in properties:
                    said = [section for section in SAID if section.claims(kind, path)]
                    assert said or SAYS_NOTHING.fullmatch(path), f"{kind} {path}"


def test_the_step_that_serves_alone_reaches_the_database(with_database: Template) -> None:
    states = machine_states(with_database, "WeeklyMachine")
    assert (states["publish"]["Next"], states["serve"]["Next"]) == ("serve", "verify")
    groups = {
        name: state["Arguments"]["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
        for name, state in states.items()
        if state.get("Resource", "").endswith("runTask.sync")
    }
    serving = {group for group in groups["serve"] if group.startswith("NetworkServingGroup")}
    assert len(serving) == 1
    assert not any(serving & set(found) for name, found in groups.items() if name != "serve")
    let_in = [
        (rule.get("CidrIp"), text(rule.get("SourceSecurityGroupId")))
        for rule in of_type(with_database, "EC2::SecurityGroupIngress").values()
        if rule["FromPort"] == 5432
    ]
    (group,) = (
        found
        for name, found in of_type(with_database, "EC2::SecurityGroup").items()
        if name.startswith("NetworkDatabaseGroup")
    )
    assert [rule["CidrIp"] for rule in group["SecurityGroupIngress"]] == [READERS]
    assert [(readers, "NetworkServingGroup" in source) for readers, source in let_in] == [
        (None, True)
    ]


def test_the_step_that_serves_logs_in_by_iam_as_the_publisher_alone(
    with_database: Template,
) -> None:
    (connect,) = (
        statement
        for policy in of_type(with_database, "IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if "rds-db" in text(statement["Action"])
    )
    assert connect["Action"] == "rds-db:connect"
    assert text(connect["Resource"]).endswith('"/persona_access_publisher"]]}')
    assert connect in statements_of_role(with_database, "TasksServeRole")
    (container,) = one(with_database, "ECS::TaskDefinition", "TasksServe")["ContainerDefinitions"]
    environment = {v["Name"]: v["Value"] for v in container["Environment"]}
    assert container["Command"] == ["serve"]
    assert environment["PERSONA_ACCESS_POSTGRES_LOGIN"] == "rds_iam"
    assert environment["PGUSER"] == "persona_access_publisher"
    assert "PGPASSWORD" not in text(container)
    assert "PGSSLMODE" not in environment, "verify-full is what the project asks for by itself"
    assert environment["PGSSLROOTCERT"] == f"/app/{AUTHORITIES.relative_to(PROJECT)}"


def test_without_a_database_there_is_nothing_of_it(template: Template) -> None:
    assert "RDS" not in text([resource["Type"] for resource in template["Resources"].values()])
    assert "5432" not in text(template["Resources"])
    assert "serve" not in machine_states(template, "WeeklyMachine")


def test_the_image_has_the_authorities_of_the_regions() -> None:
    from persona_access_aws.stages import STAGES

    found = x509.load_pem_x509_certificates(AUTHORITIES.read_bytes())
    names = [str(authority.subject.rfc4514_string()) for authority in found]
    regions = {where for s in STAGES.values() for where in (s.region, s.second_region)}
    for region in regions:
        assert sum(f"Amazon RDS {region} Root CA" in name for name in names) == 3, region
    for authority in found:
        assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert authority.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3650)
    ignored = (PROJECT / ".containerignore").read_text("utf-8")
    assert f"!{AUTHORITIES.relative_to(PROJECT)}" in ignored
    extras = (PROJECT / "deploy/image/Containerfile").read_text("utf-8")
    (asked,) = re.findall(r'^ARG EXTRAS="(.*)"$', extras, re.MULTILINE)
    assert {"postgres", "aws"} <= set(asked.replace("--extra", "").split())


def test_the_linters_find_nothing(folder: Path) -> None:
    lint = run("cfn-lint", *map(str, sorted(folder.glob("*.template.json"))))
    assert (lint.returncode, lint.stdout) == (0, "")
    found = run(
        "checkov", "--framework", "cloudformation", "--skip-download", "--compact", "--quiet",
        "--directory", str(folder), "--output", "cli",
    )  # fmt: skip
    assert found.returncode == 0, found.stdout
