"""Check this project's own conventions for dbt; dbt-bouncer checks the general ones.

Usage: python scripts/check_project.py target/manifest.json [target/catalog.json]

`dbt parse` writes the manifest. With the catalog of `dbt docs generate`, the actual columns of the
warehouse must be described, too. Prints one line per violation, and exits with 1 if there is one.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

Node = dict[str, Any]

# Tests of a table's own key.
UNIQUENESS = ("unique", "expect_compound_columns_to_be_unique")
# Published models: described for outside readers, with a contract.
READ_BY_PEOPLE = ("marts", "reporting")
# The prefixes of macro names for single engines.
ENGINE = re.compile(r"^(default|duckdb|postgres|spark)__|_(default|duckdb|postgres|spark)$")
OVERRIDES = "macros/dbt_overrides/"
# Columns that name a row of another table.
FOREIGN = re.compile(r"(^|_)(id|brid)$|^(application|persona)$")
REFERENCE_TEST = "tests/assert_marts_name_what_is_there.sql"
# The as-of date has one source; a model that reads the clock cannot be rebuilt for a past week.
CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtimestamp|run_started_at)\b"
    r"|\b(now|today|getdate|sysdate)\s*\(|\bmodules\.datetime\b",
    re.IGNORECASE,
)
# Typed text contains invisible characters; the loader cleans feeds, but nothing cleans seeds.
UNCLEAN = re.compile(r"\bnormalise_\w+\(\s*['\"](\w+)")
# dbt names a table after each unit test; PostgreSQL truncates longer names.
LONGEST_NAME = 63


def violations(manifest: Node, catalog: Node | None = None) -> list[str]:
    """List the violations of the project as `file: sentence`, in the order of the files."""
    project = manifest["metadata"]["project_name"]
    every = [
        node
        for kind in ("nodes", "sources", "macros", "unit_tests", "exposures", "metrics")
        for node in manifest[kind].values()
        # The hooks of dbt_project.yml are nodes, too, but need no description.
        if node["package_name"] == project and node["resource_type"] != "operation"
    ]
    rendered = _macros_in_queries(manifest)
    copied = _copied_descriptions(every)
    of_dbt = {
        ENGINE.sub("", macro["name"])
        for macro in manifest["macros"].values()
        if re.fullmatch(r"dbt(_duckdb|_postgres|_spark)?", macro["package_name"])
    }
    found = []
    for node in every:
        problems = [*_descriptions(node), *_clock(node, rendered), *copied.get(id(node), ())]
        if node["resource_type"] == "macro":
            problems += _override(node, of_dbt)
        if node["resource_type"] in ("model", "snapshot"):
            problems += [*_key(node, manifest), *_vocabulary(node, manifest)]
        if node["resource_type"] == "model":
            problems += [*_parents(node, manifest), *_weekly_contract(node)]
            problems += [*_references(node, manifest)]
            problems += [*_mart_description(node), *_published(node, manifest), *_seed_text(node)]
        if node["resource_type"] == "exposure":
            problems += _exposure(node, manifest)
        if node["resource_type"] == "test":
            problems += _test_name(node)
        if node["resource_type"] == "unit_test":
            problems += _unit_test_name(node)
        if catalog:
            problems += _real_columns(node, catalog)
        found += [f"{node['original_file_path']}: {problem}" for problem in problems]
    return sorted(found)


def _override(macro: Node, of_dbt: set[str]) -> Iterator[str]:
    """Require that macros which override dbt's own are in one folder."""
    in_place = macro["original_file_path"].startswith(OVERRIDES)
    if ENGINE.sub("", macro["name"]) in of_dbt and not in_place:
        yield (
            f"macro '{macro['name']}' overrides dbt's own: remove it, or put it in {OVERRIDES} "
            "and its measured gain in DECISIONS.md."
        )


def _layer(node: Node) -> str:
    """Return the folder under models/ of a model, and the resource type of anything else."""
    if node["resource_type"] != "model":
        return str(node["resource_type"])
    return PurePosixPath(node["original_file_path"]).parts[1]


def _parents(model: Node, manifest: Node) -> Iterator[str]:
    """Allow marts to read marts only for a stated reason: each step lengthens the longest chain."""
    reasons = model["config"].get("meta", {}).get("reads_marts", {})
    marts = set()
    for parent_id in model["depends_on"]["nodes"]:
        parent = manifest["sources"].get(parent_id) or manifest["nodes"][parent_id]
        if _layer(parent) == "snapshot" and _layer(model) != "intermediate":
            yield f"model '{model['name']}' reads '{parent['name']}': intermediate models do."
        if _layer(model) == _layer(parent) == "marts" and parent is not model:
            marts.add(parent["name"])
    for name in sorted(marts - {name for name, reason in reasons.items() if reason}):
        yield (
            f"mart '{model['name']}' reads the mart '{name}': say why in config.meta.reads_marts, "
            "or read an intermediate model."
        )
    for name in sorted(set(reasons) - marts):
        yield f"mart '{model['name']}' gives a reason to read '{name}', but does not read it."


def _seed_text(model: Node) -> Iterator[str]:
    reads_seed = any(parent.startswith("seed.") for parent in model["depends_on"]["nodes"])
    for column in UNCLEAN.findall(model["raw_code"]) if reads_seed else ():
        yield f"'{model['name']}' normalises '{column}' of a seed before clean_text cleaned it."


def _weekly_contract(model: Node) -> Iterator[str]:
    weekly = model["config"].get("materialized") == "weekly"
    if weekly and not model["config"]["contract"]["enforced"]:
        yield (
            f"model '{model['name']}' keeps weeks and has no enforced contract: stored columns are "
            "compared with it."
        )


def _key(node: Node, manifest: Node) -> Iterator[str]:
    """Require a tested key of every table, or the name of the table that is tested instead."""
    own, listed = _key_tests(manifest)
    meta = node["config"].get("meta", {})
    key, elsewhere = meta.get("key"), meta.get("key_is_tested_in")
    what = f"{node['resource_type']} '{node['name']}'"
    if node["unique_id"] in own or meta.get("has_no_key"):
        return
    if not key:
        yield f"{what} has no key test, and does not say its key in config.meta.key."
        return
    if unknown := {*key, *meta.get("key_may_be_null", ())} - set(node["columns"]):
        yield f"the key of {what} names {', '.join(sorted(unknown))}, which is not a column of it."
    if elsewhere and not (elsewhere.get("because") and _is_model(elsewhere.get("model"), manifest)):
        yield f"config.meta.key_is_tested_in of {what} must name a model and because of what."
    if not elsewhere and node["unique_id"] not in listed:
        yield f"the key of {what} is not tested: name it in the key test of its layer."


def _is_model(name: Any, manifest: Node) -> bool:
    tables = ("model", "snapshot")
    return any(
        node["name"] == name and node["resource_type"] in tables
        for node in manifest["nodes"].values()
    )


def _vocabulary(node: Node, manifest: Node) -> Iterator[str]:
    """Require that a column with a vocabulary is tested against it."""
    columns = node["columns"].values()
    has_one = any(column["config"].get("meta", {}).get("vocabulary") for column in columns)
    if has_one and node["unique_id"] not in _listed(manifest, "vocabulary"):
        yield (
            f"{node['resource_type']} '{node['name']}' has a column with a vocabulary: name it in "
            "tests/assert_words_are_in_their_vocabulary.sql."
        )


def _references(model: Node, manifest: Node) -> Iterator[str]:
    """Require that each reference column of a mart declares its target, and is tested."""
    tested = _listed(manifest, "reference")
    for name, column in model["columns"].items() if _layer(model) == "marts" else ():
        refers_to = column["config"].get("meta", {}).get("refers_to") or {}
        what = f"column '{name}' of the mart '{model['name']}'"
        if isinstance(refers_to, str):
            target, _, key = refers_to.partition(".")
            found = _model(target, manifest)
            if key not in found.get("columns", ()):
                yield f"{what} refers to '{refers_to}', which no model has."
            elif not {model["unique_id"], found["unique_id"]} <= tested:
                yield f"{what} refers to '{refers_to}': name both tables in {REFERENCE_TEST}."
        elif (
            FOREIGN.search(name)
            and not _is_own_key(name, model, manifest)
            and not refers_to.get("because")
        ):
            yield f"{what} must say in config.meta.refers_to what it names, or because of what not."


def _is_own_key(column: str, model: Node, manifest: Node) -> bool:
    return model["config"].get("meta", {}).get("key") == [column] or any(
        test["attached_node"] == model["unique_id"] and test["column_name"] == column
        for test in manifest["nodes"].values()
        if (test.get("test_metadata") or {}).get("name") == "unique"
    )


def _model(name: str, manifest: Node) -> Node:
    nodes = manifest["nodes"].values()
    return next((n for n in nodes if n["resource_type"] == "model" and n["name"] == name), {})


def _key_tests(manifest: Node) -> tuple[set[str], set[str]]:
    """Return the ids of tables with their own key test, and of those in the test of a layer."""
    own = {
        test["attached_node"]
        for test in manifest["nodes"].values()
        if (test.get("test_metadata") or {}).get("name") in UNIQUENESS
    }
    return own, _listed(manifest, "key")


def _listed(manifest: Node, tag: str) -> set[str]:
    """Return the ids of the tables that tests with this tag cover, many in one test."""
    tests = (node for node in manifest["nodes"].values() if node["resource_type"] == "test")
    return {
        table
        for test in tests
        if tag in test["config"].get("tags", [])
        for table in test["depends_on"]["nodes"]
    }


def _copied_descriptions(every: list[Node]) -> dict[int, list[str]]:
    """Find column descriptions that are repeated."""
    written: dict[str, list[tuple[Node, Node]]] = {}
    for node in every:
        for column in node.get("columns", {}).values():
            if column["description"]:
                written.setdefault(column["description"], []).append((node, column))
    found: dict[int, list[str]] = {}
    for uses in written.values():
        for node, column in uses if len(uses) > 1 else []:
            if not column.get("doc_blocks"):
                found.setdefault(id(node), []).append(
                    f"the description of column '{column['name']}' of '{node['name']}' stands "
                    "elsewhere too: make it a doc block in models/docs."
                )
    return found


def _descriptions(node: Node) -> Iterator[str]:
    if node["resource_type"] == "macro" and "__" in node["name"]:
        return  # A version of a described macro for one engine.
    what = f"{node['resource_type'].replace('_', ' ')} '{node['name']}'"
    must_be_described = ("macro", "test", "unit_test", "metric")
    if node["resource_type"] in must_be_described and not node["description"]:
        yield f"{what} has no description."
    for column in node.get("columns", {}).values() if node["resource_type"] != "model" else ():
        if not column["description"]:
            yield f"column '{column['name']}' of {what} has no description."
    for argument in node.get("arguments", []):
        if not (argument["description"] and argument["type"]):
            yield f"argument '{argument['name']}' of {what} needs a type and a description."


def _test_name(test: Node) -> Iterator[str]:
    if metadata := test.get("test_metadata"):
        kind = "_".join(filter(None, (metadata["namespace"], metadata["name"])))
        if re.match(rf"(source_)?{kind}_", test["name"]):
            yield f"data test '{test['name']}' needs a name that reads as a sentence."


def _unit_test_name(unit_test: Node) -> Iterator[str]:
    if len(unit_test["name"]) > LONGEST_NAME:
        yield (
            f"the name of unit test '{unit_test['name']}' is longer than {LONGEST_NAME} "
            "characters, which PostgreSQL cuts off."
        )


def _mart_description(model: Node) -> Iterator[str]:
    answers = {
        "which week": r"\bweeks?\b",
        "what not to use it for ('Not for ...')": r"\bNot (for|to)\b",
    }
    if _layer(model) in READ_BY_PEOPLE and model["description"]:
        for question, answer in answers.items():
            if not re.search(answer, model["description"]):
                yield f"the description of the mart '{model['name']}' does not say {question}."


def _published(model: Node, manifest: Node) -> Iterator[str]:
    """Check that a mart declares its readers, and the columns that identify people."""
    published = model["config"].get("meta", {}).get("published")
    if published is None:
        return
    words = [group["config"].get("meta", {}) for group in manifest["groups"].values()]
    shown = {
        name
        for name, column in model["columns"].items()
        if column["config"].get("meta", {}).get("is_published", True)
    }
    yield from _audience(model, published.get("audience"), shown, words)
    if unknown := set(published.get("key", ())) - shown:
        yield (
            f"the key of the mart '{model['name']}' names {', '.join(sorted(unknown))}, which is "
            "not a published column of it."
        )
    for column in model["columns"].values():
        meta = column["config"].get("meta", {})
        if column["data_type"] == "string" and "privacy" not in meta:
            yield (
                f"column '{column['name']}' of the mart '{model['name']}' does not say in "
                "config.meta.privacy whether it tells who somebody is."
            )


def _audience(model: Node, audience: Any, shown: set[str], words: list[Node]) -> Iterator[str]:
    """Check that every reader is declared, with rows that an engine can filter."""
    roles, rules, nameless = (
        {name for meta in words for name in meta.get(kind, ())}
        for kind in ("audiences", "row_rules", "nameless_audiences")
    )
    mart = f"the mart '{model['name']}'"
    if not isinstance(audience, dict) or not audience or not set(audience) <= roles:
        yield (
            f"the audience of {mart} must say which rows each role reads; the roles are "
            f"{', '.join(sorted(roles))}."
        )
        return
    for role, rows in audience.items():
        named = rows if isinstance(rows, dict) else {}
        if rows != "all" and not (
            len(named) == 1 and set(named) <= rules and set(named.values()) <= shown
        ):
            yield (
                f"the rows of {mart} for '{role}' must be 'all' or one of "
                f"{', '.join(sorted(rules))} with a published column of it."
            )
    for name in sorted(shown):
        privacy = model["columns"][name]["config"].get("meta", {}).get("privacy", "none")
        for role in nameless & audience.keys() if privacy != "none" else ():
            yield f"{mart} may not be read by '{role}': '{name}' tells who somebody is."


def _exposure(exposure: Node, manifest: Node) -> Iterator[str]:
    """Find columns that a dashboard uses but that no longer exist."""
    marts = {
        manifest["nodes"][parent]["name"]: parent for parent in exposure["depends_on"]["nodes"]
    }
    used = exposure["config"].get("meta", {}).get("columns", {})
    if exposure["type"] == "dashboard" and set(used) != set(marts):
        yield f"dashboard '{exposure['name']}' must name the columns that it uses of each mart."
    for mart in marts.keys() & used.keys():
        columns = manifest["nodes"][marts[mart]]["columns"]
        for name in used[mart]:
            meta = columns[name]["config"].get("meta", {}) if name in columns else {}
            if name not in columns or not meta.get("is_published", True):
                yield (
                    f"dashboard '{exposure['name']}' uses the column '{name}' of '{mart}', which "
                    "is not there or not published."
                )


def _macros_in_queries(manifest: Node) -> set[str]:
    """Return the ids of the macros that models and tests call; hooks may record the time."""
    todo = [
        macro
        for node in manifest["nodes"].values()
        if node["resource_type"] != "operation"
        for macro in node["depends_on"]["macros"]
    ]
    found: set[str] = set()
    while todo:
        macro = todo.pop()
        if macro not in found:
            found.add(macro)
            todo += manifest["macros"][macro]["depends_on"]["macros"]
    return found


def _clock(node: Node, rendered: set[str]) -> Iterator[str]:
    if node["resource_type"] == "macro" and node["unique_id"] not in rendered:
        return
    if match := CLOCK.search(node.get("raw_code") or node.get("macro_sql") or ""):
        yield f"'{node['name']}' reads the clock ({match[0]}); use the as-of date."


def _real_columns(node: Node, catalog: Node) -> Iterator[str]:
    built = catalog["nodes"].get(node["unique_id"], {"columns": {}})
    described = {name.lower() for name in node.get("columns", {})}
    for name in built["columns"]:
        if name.lower() not in described:
            yield f"column '{name}' of '{node['name']}' is not described."


def main(paths: list[str]) -> int:
    """Check the manifest (and catalog) at the given paths; return the exit code."""
    manifest, catalog = ([json.loads(Path(path).read_text()) for path in paths] + [None])[:2]
    found = violations(manifest, catalog)
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
