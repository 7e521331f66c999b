"""Check the files of Azure as far as possible without Terraform: parsed, and by checkov."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from test_linters import run

PROJECT = Path(__file__).resolve().parents[3]
FOLDER = PROJECT / "deploy" / "azure"
FILES = sorted(FOLDER.glob("*.tf"))
# The accepted findings of checkov; the file has the reason of each.
SKIPPED = {
    "CKV_AZURE_3", "CKV_AZURE_33", "CKV_AZURE_41", "CKV_AZURE_206", "CKV2_AZURE_21",
    "CKV2_AZURE_33", "CKV2_AZURE_38",
}  # fmt: skip


def resources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the resources of a kind by name."""
    for file in FILES:
        for block in hcl2.loads(file.read_text("utf-8")).get("resource", []):
            for name, body in block.get(kind, {}).items():
                # This parser returns each value, and each block, in a list.
                yield (
                    name,
                    {
                        key: value[0]
                        for key, value in body.items()
                        if isinstance(value, list) and value
                    },
                )


def one(kind: str, name: str) -> dict[str, Any]:
    (found,) = (body for called, body in resources(kind) if called == name)
    return found


def text(name: str) -> str:
    return (FOLDER / f"{name}.tf").read_text("utf-8")


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_each_file_is_terraform(file: Path) -> None:
    assert hcl2.loads(file.read_text("utf-8"))


def test_checkov_finds_nothing_but_what_has_its_reason() -> None:
    done = run(
        "checkov", "--framework", "terraform", "--skip-download", "--compact", "--quiet",
        "--output", "json", "--directory", str(FOLDER),
    )  # fmt: skip
    found = json.loads(done.stdout)
    failed = [f"{f['check_id']} {f['resource']}" for f in found["results"]["failed_checks"]]
    assert failed == []
    assert found["summary"]["passed"] > 80
    reasons = re.findall(r"checkov:skip=(\w+): (.+)", "".join(file.read_text() for file in FILES))
    assert {check for check, _ in reasons} <= SKIPPED
    assert all(reason.endswith(".") and len(reason.split()) >= 4 for _, reason in reasons)


def test_no_role_of_ours_reads_or_deletes_what_it_only_adds() -> None:
    permissions = one("azurerm_role_definition", "adds")["permissions"]
    (actions,) = permissions["data_actions"]
    assert [action.rsplit("/blobs/", 1)[1] for action in actions] == [
        "add/action",
        "write",
    ]
    may = re.findall(r'who = "(\w+)", +role = local\.(\w+), +bucket = "(\w+)"', text("identities"))
    assert set(may) == {
        ("run", "reads", "drop"),
        ("run", "adds", "publish"),
        ("run", "adds", "audit"),
        ("verify", "reads", "audit"),
    }
    assert "Contributor" not in re.sub("#.*", "", text("identities"))
    assert "StringStartsWith 'masked/'" in text("identities")


def test_every_account_is_closed_and_under_its_own_key() -> None:
    accounts = dict(resources("azurerm_storage_account"))
    assert set(accounts) == {"bucket", "home"}
    for name, account in accounts.items():
        assert account["public_network_access_enabled"] is False, name
        assert account["shared_access_key_enabled"] is False, name
        assert account["min_tls_version"] == "TLS1_2", name
        (key,) = account["customer_managed_key"]["key_vault_key_id"]
        own = 'this["home"]' if name == "home" else "this[each.key]"
        assert own in key, name
    assert accounts["bucket"]["https_traffic_only_enabled"] is True
    lock = one("azurerm_storage_container_immutability_policy", "audit")
    assert lock["locked"] == '${var.stage == "production"}'
    (days,) = re.findall(
        r"greater_than = (\d+)\n      }\n      version {\n +\S+ += 90", text("storage")
    )
    project = (PROJECT / "dbt_project.yml").read_text("utf-8")
    (weeks,) = re.findall(r"^  retention_weeks: (\d+)$", project, re.MULTILINE)
    assert int(days) == 7 * int(weeks)


def test_the_jobs_run_commands_of_ours_with_settings_that_are_read() -> None:
    job = text("jobs")
    assert re.findall(r"args = (\[.*\])", job) == [
        '["run", "--wait-minutes", "240"]',
        '["audit", "verify"]',
    ]
    assert re.findall(r'cron = "(.*?)"', job) == ["0 6 * * 1", "0 3 * * *"]
    variables = (PROJECT / "scripts/persona_access/base/variables.py").read_text("utf-8")
    for name in set(re.findall(r"PERSONA_ACCESS_(\w+)", job)):
        assert f'"{name}"' in variables, name
    # Only the publishing job gets the masking key.
    assert 'args = ["audit", "verify"]' in job
    assert re.findall(r"secrets = (\[.*\])", job) == ['["encryption", "masking"]', '["encryption"]']
    # Secrets are written but never read back into Terraform's state.
    assert not re.search(r"^\s+value\s+=", text("keys"), re.MULTILINE)
    assert text("keys").count("value_wo ") == 2


def test_nothing_leads_to_the_internet() -> None:
    for _, subnet in resources("azurerm_subnet"):
        assert subnet["default_outbound_access_enabled"] is False
    assert not list(resources("azurerm_public_ip"))
    assert not list(resources("azurerm_nat_gateway"))
    environment = one("azurerm_container_app_environment", "this")
    assert environment["internal_load_balancer_enabled"] is True


def test_an_image_without_its_digest_is_refused() -> None:
    (pattern,) = re.findall(r'regex\("(\^\[a-z0-9\]\+.*?)", var\.image', text("variables"))
    pattern = pattern.replace("\\\\", "\\")
    digest = "sha256:" + "a" * 64
    assert re.match(pattern, f"bank.azurecr.io/persona-access@{digest}")
    assert not re.match(pattern, "bank.azurecr.io/persona-access:latest")
