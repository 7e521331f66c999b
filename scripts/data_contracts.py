"""Write the data contracts of feeds and published marts, from the dbt YAML.

Usage: python scripts/data_contracts.py target/manifest.json FOLDER

`dbt parse` writes the manifest. FOLDER gets `feeds.odcs.yaml` for the delivered files and
`marts.odcs.yaml` for the published marts, in the Open Data Contract Standard 3.1
(https://bitol-io.github.io/open-data-contract-standard/). Both are checked against the standard's
JSON schema before they are written; exit code 1 means that one does not conform.
"""

import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator
from open_data_contract_standard.model import (
    DataQuality,
    Description,
    OpenDataContractStandard,
    Role,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)

from persona_access.base.dbt import one_line

Node = dict[str, Any]

LOGICAL_TYPES = {
    "string": "string",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "integer",
}
# The classification of a column about people, from `config.meta.privacy`.
CLASSIFICATIONS = {"none": "internal", "free_text": "confidential"}


def feeds(manifest: Node) -> OpenDataContractStandard:
    """Return the contract of the deliveries, with one object for each feed."""
    sources = [
        source for source in manifest["sources"].values() if source["config"]["meta"].get("feed")
    ]
    return _contract(
        "feeds",
        "Weekly files that a bank delivers.",
        [_feed(source) for source in sorted(sources, key=lambda source: source["name"])],
        sla=[
            ServiceLevelAgreementProperty(
                property="frequency", value=7, unit="d", element=source["name"]
            )
            for source in sources
            if (source["config"].get("freshness") or {}).get("error_after", {}).get("count")
        ],
    )


def marts(manifest: Node) -> OpenDataContractStandard:
    """Return the contract for readers, with one object for each published mart."""
    published = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["meta"].get("published")
    ]
    roles = {role for node in published for role in node["config"]["meta"]["published"]["audience"]}
    return _contract(
        "marts",
        "Who holds which access, who should, and why.",
        [_mart(node) for node in sorted(published, key=lambda node: node["name"])],
        roles=[Role(role=role, access="read") for role in sorted(roles)],
    )


def _contract(
    name: str,
    purpose: str,
    objects: list[SchemaObject],
    sla: list[ServiceLevelAgreementProperty] | None = None,
    roles: list[Role] | None = None,
) -> OpenDataContractStandard:
    return OpenDataContractStandard(
        apiVersion="v3.1.0",
        kind="DataContract",
        id=f"persona_access.{name}",
        name=name,
        version=version("persona-access"),
        status="active",
        domain="access reconciliation",
        description=Description(purpose=purpose),
        schema=objects,
        slaProperties=sla,
        roles=roles,
    )


def _feed(source: Node) -> SchemaObject:
    feed = source["config"]["meta"]["feed"]
    return SchemaObject(
        name=source["name"],
        physicalName=feed["name_pattern"],
        physicalType="file",
        logicalType="object",
        description=one_line(source["description"]),
        properties=[
            _property(
                column,
                is_required=column["config"]["meta"].get("is_value_required", False),
                words=column["config"]["meta"].get("accepted_values"),
            )
            for column in source["columns"].values()
        ],
    )


def _mart(node: Node) -> SchemaObject:
    meta = node["config"]["meta"]
    key = meta.get("key") or meta["published"].get("key") or []
    nullable = meta.get("key_may_be_null") or []
    return SchemaObject(
        name=node["name"],
        physicalName=f"{node['schema']}.{node['name']}",
        physicalType="view" if "view" in node["config"]["materialized"] else "table",
        logicalType="object",
        description=one_line(node["description"]),
        dataGranularityDescription=one_line(node["description"]).partition(". ")[0],
        properties=[
            _property(
                column,
                is_required=any(
                    constraint["type"] == "not_null" for constraint in column["constraints"]
                ),
                words=column["config"]["meta"].get("vocabulary"),
                place=key.index(column["name"]) + 1
                if column["name"] in key and column["name"] not in nullable
                else None,
            )
            for column in node["columns"].values()
            if column["config"]["meta"].get("is_published", True)
        ],
    )


def _property(
    column: Node, *, is_required: bool, words: list[str] | None, place: int | None = None
) -> SchemaProperty:
    allowed = DataQuality(
        metric="invalidValues",
        description="Every value is a word of the vocabulary.",
        arguments={"validValues": words},
        mustBe=0,
        mustBeBetween=None,
        mustNotBeBetween=None,
    )
    data_type = column["data_type"]
    return SchemaProperty(
        name=column["name"],
        logicalType=LOGICAL_TYPES.get(data_type, "number"),
        physicalType=data_type,
        description=one_line(column["description"]),
        required=is_required or None,
        primaryKey=True if place else None,
        primaryKeyPosition=place,
        classification=_classification(column),
        quality=[allowed] if words else None,
    )


def _classification(column: Node) -> str | None:
    """Return the classification of a column; feeds, and columns without text, declare none."""
    privacy = column["config"]["meta"].get("privacy")
    return CLASSIFICATIONS.get(privacy, "restricted") if privacy else None


def faults(contract: OpenDataContractStandard) -> list[str]:
    """List violations of the standard in a contract, each as `path: sentence`."""
    schema = json.loads(
        (files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8")
    )
    written = contract.model_dump(by_alias=True, exclude_none=True)
    return [
        f"{contract.name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in Draft201909Validator(schema).iter_errors(written)
    ]


def main(manifest_file: str, folder: str) -> int:
    """Write both contracts; return the exit code."""
    manifest = json.loads(Path(manifest_file).read_text(encoding="utf-8"))
    contracts = (feeds(manifest), marts(manifest))
    if found := [fault for contract in contracts for fault in faults(contract)]:
        sys.stdout.write("\n".join([*found, ""]))
        return 1
    Path(folder).mkdir(parents=True, exist_ok=True)
    for contract in contracts:
        file = Path(folder) / f"{contract.name}.odcs.yaml"
        file.write_text(contract.to_yaml(), encoding="utf-8")
        sys.stdout.write(f"Open {file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
