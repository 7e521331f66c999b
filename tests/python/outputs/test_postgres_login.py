"""Logging in to PostgreSQL of AWS with a token of IAM: no server and no account are needed."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from persona_access.base.errors import MachineError, SettingsError
from persona_access.outputs.postgres.connect import connected, rds_token

HOST = "bank.invented.eu-west-2.rds.amazonaws.com"
# pragma: allowlist nextline secret
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAINVENTED", "AWS_SECRET_ACCESS_KEY": "invented"}
SERVER = {
    "PERSONA_ACCESS_POSTGRES_LOGIN": "rds_iam",
    "PGHOST": HOST,
    "PGPORT": "5433",
    "PGUSER": "publisher",
    "AWS_REGION": "eu-west-2",
}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Set the server and the role of a machine through the environment."""
    for name, value in (SERVER | CREDENTIALS).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PGSSLMODE", raising=False)
    return SERVER


def test_a_token_is_signed_for_one_server_and_user_and_lives_a_quarter_of_an_hour(
    machine: Mapping[str, str],
) -> None:
    token = rds_token(machine)["password"]
    place = urlsplit(f"//{token}")
    said = {name: value for name, (value,) in parse_qs(place.query).items()}
    assert (place.hostname, place.port) == (HOST, 5433)
    assert (said["Action"], said["DBUser"]) == ("connect", "publisher")
    assert said["X-Amz-Expires"] == "900"
    assert "/eu-west-2/rds-db/aws4_request" in said["X-Amz-Credential"]
    assert len(said["X-Amz-Signature"]) == 64
    assert "invented" not in said.values()


def test_the_token_is_the_password_of_a_verified_connection(
    machine: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def connect(conninfo: str) -> None:
        asked.append(dict(conninfo_to_dict(conninfo)))
        raise psycopg.OperationalError("a stand-in")

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(MachineError, match="cannot be reached"), connected(machine):
        pass
    assert asked[0]["sslmode"] == "verify-full"
    assert str(asked[0]["password"]).startswith(f"{HOST}:5433/?Action=connect")


@pytest.mark.parametrize("missing", ["PGHOST", "AWS_REGION"])
def test_what_a_token_needs_is_named(
    machine: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    left = {name: value for name, value in machine.items() if name != missing}
    with pytest.raises(SettingsError, match=r"PGHOST .*PGUSER and AWS_REGION: set them"):
        rds_token(left)


def test_a_machine_without_a_role_learns_which_right_it_needs(
    machine: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    # No file of this user and no machine of AWS is used.
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SettingsError, match="allows rds-db:connect"):
        rds_token(machine)


def test_without_being_asked_for_no_token_is_made() -> None:
    assert rds_token({"PGHOST": HOST}) == {}
