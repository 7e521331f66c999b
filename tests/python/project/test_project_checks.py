"""Each check of the dbt project fails if its rule is broken."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import check_project

CHECK_YAML_KEYS = Path(check_project.__file__).with_name("check_yaml_keys.py")
Node = dict[str, Any]

FILES = {
    "dbt_project.yml": """
name: small
profile: small
flags: {warn_error_options: {error: all, warn: [LogTestResult]}}
models:
  small:
    marts:
      +contract: {enforced: true}
    reporting:
      +contract: {enforced: true}
""",
    "profiles.yml": """
small:
  target: dev
  outputs:
    dev: {type: duckdb, path: ":memory:"}
""",
    "seeds/people.csv": "brid\nB1\n",
    "seeds/people.yml": "seeds: [{name: people, description: One row per invented person.}]\n",
    "macros/tidy.sql": "{% macro tidy(column) %}trim({{ column }}){% endmacro %}\n",
    "macros/tidy.yml": """
macros:
  - name: tidy
    description: Text without blanks around it.
    arguments: [{name: column, type: string, description: SQL expression.}]
""",
    # A hook can record the time of a build: no model calls this.
    "macros/record_build.sql": "{% macro record_build() %}{{ run_started_at }}{% endmacro %}\n",
    "macros/record_build.yml": "macros: [{name: record_build, description: Run by a hook.}]\n",
    "tests/assert_someone_is_there.sql": "select 1 as a from {{ ref('dim_people') }} where 1 = 0\n",
    "tests/assert_someone_is_there.yml": """
data_tests:
  - name: assert_someone_is_there
    description: Without people nothing can be reconciled.
""",
    "models/docs.md": "{% docs brid %}Employee identifier.{% enddocs %}\n",
    "models/staging/sources.yml": """
sources:
  - name: hr
    description: The invented human-resources system.
    tables:
      - name: raw_people
        description: One row per line of the file.
        columns: [{name: brid, description: "{{ doc('brid') }}"}]
""",
}
FILES["models/groups.yml"] = """
groups:
  - name: everybody
    owner: {name: The invented team}
    config:
      meta:
        audiences: {auditors: They read everything., crowd: They read no names., owners: The rest.}
        row_rules: {things: What the reader owns.}
        nameless_audiences: [crowd]
"""
FILES["models/marts/exposures.yml"] = """
exposures:
  - name: people_board
    type: dashboard
    description: Who is there.
    owner: {name: The invented team}
    depends_on: [ref('dim_people')]
    config: {meta: {columns: {dim_people: [brid]}}}
"""
PUBLISHED = "config: {meta: {published: {history: all, audience: {auditors: all}}}}"
for layer, name, parent, config in (
    ("staging", "stg_people", "ref('people')", ""),
    ("intermediate", "int_people", "ref('stg_people')", ""),
    ("marts", "dim_people", "ref('int_people')", PUBLISHED),
    ("reporting", "rpt_people", "ref('dim_people')", PUBLISHED),
):
    FILES[f"models/{layer}/{name}.sql"] = (
        f"select {{{{ tidy('brid') }}}} as brid from {{{{ {parent} }}}}\n"
    )
    FILES[f"models/{layer}/{name}.yml"] = f"""
models:
  - name: {name}
    description: One row per person in the week computed last. Not for history.
    {config}
    columns:
      - name: brid
        data_type: string
        description: "{{{{ doc('brid') }}}}"
        config: {{meta: {{privacy: identifier}}}}
        data_tests:
          - unique:
              name: {name}_has_one_row_per_person
              description: Somebody would count twice.
          - not_null:
              name: every_person_of_{name}_has_a_brid
              description: Nobody could be reconciled without.
unit_tests:
  - name: blanks_are_trimmed_in_{name}
    description: A BRID is written without blanks.
    model: {name}
    given: []
    expect: {{rows: []}}
"""


NO_AUDIENCE = (
    "the audience of the mart 'dim_people' must say which rows each role reads; the roles are "
    "auditors, crowd, owners."
)
NO_ROWS = (
    "the rows of the mart 'dim_people' for 'owners' must be 'all' or one of things with a "
    "published column of it."
)
TESTED = {"model": "dim_people", "because": "Every team has its people."}
UNTESTED = "the key of model 'dim_teams' is not tested: name it in the key test of its layer."
NO_PLACE = (
    "config.meta.key_is_tested_in of model 'dim_teams' must name a model and because of what."
)
HIDDEN = {"privacy": "identifier", "is_published": False}
COLUMN: Node = {
    "name": "brid",
    "data_type": "string",
    "description": "Employee identifier.",
    "doc_blocks": ["doc.small.brid"],
    "config": {"meta": {"privacy": "identifier"}},
}
TEAM = {"team": {**COLUMN, "name": "team", "description": "Invented."}}
LEAD: Node = {**COLUMN, "name": "lead_brid"}


def published(**declared: Any) -> Node:
    """Configure a mart with these declarations of its publication."""
    return {"contract": {"enforced": True}, "meta": {"published": declared}}


def write_project(folder: Path, changed: dict[str, str] | None = None) -> Path:
    """Write the small project, valid except for the given files."""
    for path, text in (FILES | (changed or {})).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def parse(project: Path) -> int:
    # In a separate process: its settings of dbt must not affect later tests.
    folders = ("--project-dir", str(project), "--profiles-dir", str(project))
    return subprocess.run([sys.executable, CHECK_YAML_KEYS, *folders], check=False).returncode


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Return the manifest of the small project."""
    project = write_project(tmp_path_factory.mktemp("sound"))
    assert parse(project) == 0
    manifest: Node = json.loads((project / "target" / "manifest.json").read_text())
    # A second mart and a snapshot that no model of the small project reads.
    teams = copy.deepcopy(manifest["nodes"]["model.small.dim_people"])
    teams |= {"name": "dim_teams", "unique_id": "model.small.dim_teams"}
    teams["columns"] = copy.deepcopy(TEAM)
    teams["config"]["meta"] = {"key": ["team"], "key_is_tested_in": TESTED}
    snapshot = {**teams, "name": "snap_people", "unique_id": "snapshot.small.snap_people"}
    snapshot |= {"resource_type": "snapshot", "columns": {"team": dict(teams["columns"]["team"])}}
    snapshot["columns"]["team"]["description"] = "Invented, too."
    for node in (teams, snapshot):
        manifest["nodes"][node["unique_id"]] = node
    return manifest


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("models/marts/dim_people.yml", "description:", "desciption:"),
        ("models/marts/dim_people.yml", "data_tests:", "data_test:"),
        (
            "models/marts/dim_people.yml",
            "    description: One",
            "    freshnes: {}\n    description: One",
        ),
        ("dbt_project.yml", "+contract", "+contrct"),
        ("seeds/people.yml", "name: people", "name: peple"),
    ],
)
def test_unknown_key_is_an_error(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in FILES[file]
    assert parse(write_project(tmp_path, {file: FILES[file].replace(right, wrong, 1)})) == 1


def test_sound_project_has_no_violation(sound: Node) -> None:
    assert check_project.violations(sound) == []


def edit(manifest: Node, unique_id: str, **values: Any) -> None:
    for kind in ("nodes", "sources", "macros", "unit_tests", "exposures"):
        for key, node in manifest[kind].items():
            if key.startswith(unique_id):
                node |= values
                return
    raise KeyError(unique_id)


@pytest.mark.parametrize(
    ("unique_id", "values", "message"),
    [
        (
            "model.small.rpt_people",
            {"depends_on": {"nodes": ["snapshot.small.snap_people"], "macros": []}},
            "model 'rpt_people' reads 'snap_people': intermediate models do.",
        ),
        (
            "model.small.dim_people",
            {"depends_on": {"nodes": ["model.small.dim_teams"], "macros": []}},
            (
                "mart 'dim_people' reads the mart 'dim_teams': say why in config.meta.reads_marts, "
                "or read an intermediate model."
            ),
        ),
        (
            "model.small.int_people",
            {"config": {"meta": {"reads_marts": {"dim_people": "Invented."}}}},
            "mart 'int_people' gives a reason to read 'dim_people', but does not read it.",
        ),
        (
            "model.small.int_people",
            {"config": {"materialized": "weekly", "contract": {"enforced": False}}},
            (
                "model 'int_people' keeps weeks and has no enforced contract: stored columns are "
                "compared with it."
            ),
        ),
        (
            "model.small.stg_people",
            {
                "depends_on": {"nodes": ["seed.small.people"], "macros": []},
                "raw_code": "select {{ normalise_brid('brid') }} as brid",
            },
            "'stg_people' normalises 'brid' of a seed before clean_text cleaned it.",
        ),
        (
            "test.small.int_people_has_one_row_per_person",
            {"attached_node": "model.small.stg_people"},
            "model 'int_people' has no key test, and does not say its key in config.meta.key.",
        ),
        *(
            ("model.small.dim_teams", {"config": {"meta": meta}}, problem)
            for meta, problem in (
                ({"key": ["team"]}, UNTESTED),
                (
                    {"key": ["team", "unit"], "key_is_tested_in": TESTED},
                    "the key of model 'dim_teams' names unit, which is not a column of it.",
                ),
                ({"key": ["team"], "key_is_tested_in": {"model": "dim_people"}}, NO_PLACE),
                ({"key": ["team"], "key_is_tested_in": {**TESTED, "model": "none"}}, NO_PLACE),
            )
        ),
        (
            "model.small.int_people",
            {"columns": {"brid": {**COLUMN, "doc_blocks": []}}},
            (
                "the description of column 'brid' of 'int_people' stands elsewhere too: make it a "
                "doc block in models/docs."
            ),
        ),
        (
            "model.small.dim_teams",
            {
                "columns": {
                    "team": {**COLUMN, "name": "team", "config": {"meta": {"vocabulary": ["red"]}}}
                }
            },
            (
                "model 'dim_teams' has a column with a vocabulary: name it in "
                "tests/assert_words_are_in_their_vocabulary.sql."
            ),
        ),
        *(
            (
                "model.small.dim_teams",
                {"columns": {**TEAM, "lead_brid": {**LEAD, "config": {"meta": meta}}}},
                f"column 'lead_brid' of the mart 'dim_teams' {problem}",
            )
            for meta, problem in (
                ({}, "must say in config.meta.refers_to what it names, or because of what not."),
                (
                    {"refers_to": {"because": ""}},
                    "must say in config.meta.refers_to what it names, or because of what not.",
                ),
                (
                    {"refers_to": "dim_people.name"},
                    "refers to 'dim_people.name', which no model has.",
                ),
                (
                    {"refers_to": "dim_people.brid"},
                    (
                        "refers to 'dim_people.brid': name both tables in "
                        "tests/assert_marts_name_what_is_there.sql."
                    ),
                ),
            )
        ),
        *(
            (
                "macro.small.tidy",
                {"name": name},
                (
                    f"macro '{name}' overrides dbt's own: remove it, or put it in "
                    "macros/dbt_overrides/ and its measured gain in DECISIONS.md."
                ),
            )
            for name in ("generate_schema_name", "duckdb__listagg", "materialization_table_duckdb")
        ),
        ("macro.small.tidy", {"description": ""}, "macro 'tidy' has no description."),
        (
            "macro.small.tidy",
            {"arguments": [{"name": "column", "type": "string", "description": ""}]},
            "argument 'column' of macro 'tidy' needs a type and a description.",
        ),
        (
            "source.small.hr.raw_people",
            {"columns": {"brid": {"name": "brid", "description": ""}}},
            "column 'brid' of source 'raw_people' has no description.",
        ),
        (
            "test.small.assert_someone_is_there",
            {"description": ""},
            "test 'assert_someone_is_there' has no description.",
        ),
        (
            "unit_test.small.dim_people",
            {"name": "a" * 64},
            " which PostgreSQL ".join(
                (f"the name of unit test '{'a' * 64}' is longer than 63 characters,", "cuts off.")
            ),
        ),
        (
            "test.small.every_person_of_dim_people_has_a_brid",
            {"name": "not_null_dim_people_brid"},
            "data test 'not_null_dim_people_brid' needs a name that reads as a sentence.",
        ),
        (
            "unit_test.small.dim_people",
            {"description": ""},
            "unit test 'blanks_are_trimmed_in_dim_people' has no description.",
        ),
        (
            "model.small.int_people",
            {"raw_code": "select brid from x where day = CURRENT_DATE"},
            "'int_people' reads the clock (CURRENT_DATE); use the as-of date.",
        ),
        (
            "model.small.dim_people",
            {"description": "One row per person. Not for history."},
            "the description of the mart 'dim_people' does not say which week.",
        ),
        (
            "model.small.dim_people",
            {"description": "One row per person in the week computed last."},
            (
                "the description of the mart 'dim_people' does not say what not to use it for "
                "('Not for ...')."
            ),
        ),
        *(
            ("model.small.dim_people", {"config": published(**declared)}, problem)
            for declared, problem in (
                ({}, NO_AUDIENCE),
                ({"audience": ["auditors"]}, NO_AUDIENCE),
                ({"audience": {"everybody": "all"}}, NO_AUDIENCE),
                ({"audience": {"owners": "some"}}, NO_ROWS),
                ({"audience": {"owners": {"things": "thing_id"}}}, NO_ROWS),
                ({"audience": {"owners": {"anything": "brid"}}}, NO_ROWS),
                (
                    {"audience": {"auditors": "all", "crowd": "all"}},
                    (
                        "the mart 'dim_people' may not be read by 'crowd': 'brid' tells who "
                        "somebody is."
                    ),
                ),
                (
                    {"audience": {"auditors": "all"}, "key": ["id"]},
                    (
                        "the key of the mart 'dim_people' names id, which is not a published "
                        "column of it."
                    ),
                ),
            )
        ),
        (
            "model.small.dim_people",
            {"columns": {"brid": {**COLUMN, "config": {"meta": {}}}}},
            (
                "column 'brid' of the mart 'dim_people' does not say in config.meta.privacy "
                "whether it tells who somebody is."
            ),
        ),
        (
            "model.small.dim_people",
            {"columns": {"name": {**COLUMN, "name": "name"}}},
            (
                "dashboard 'people_board' uses the column 'brid' of 'dim_people', which is not "
                "there or not published."
            ),
        ),
        (
            "model.small.dim_people",
            {"columns": {"brid": {**COLUMN, "config": {"meta": HIDDEN}}}},
            (
                "dashboard 'people_board' uses the column 'brid' of 'dim_people', which is not "
                "there or not published."
            ),
        ),
        (
            "exposure.small.people_board",
            {"config": {"meta": {}}},
            "dashboard 'people_board' must name the columns that it uses of each mart.",
        ),
        (
            "macro.small.tidy",
            {"macro_sql": "{% macro tidy(column) %}now(){% endmacro %}"},
            "'tidy' reads the clock (now(); use the as-of date.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith(".") else "",
)
def test_broken_rule_is_a_violation(
    unique_id: str, values: Node, message: str, sound: Node
) -> None:
    broken = copy.deepcopy(sound)
    edit(broken, unique_id, **values)
    found = check_project.violations(broken)
    assert [line.partition(": ")[2] for line in found] == [message]


def test_column_of_the_warehouse_without_description_is_a_violation(sound: Node) -> None:
    catalog: Node = {"nodes": {"model.small.int_people": {"columns": {"brid": {}, "team": {}}}}}
    assert check_project.violations(sound, catalog) == [
        "models/intermediate/int_people.sql: column 'team' of 'int_people' is not described."
    ]


def test_command_prints_violations_and_fails(
    sound: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(sound))
    assert check_project.main([str(manifest)]) == 0
    broken = copy.deepcopy(sound)
    edit(broken, "macro.small.tidy", description="")
    manifest.write_text(json.dumps(broken))
    assert check_project.main([str(manifest)]) == 1
    assert capsys.readouterr().out == "macros/tidy.sql: macro 'tidy' has no description.\n"


def test_decisions_name_every_override_of_dbt() -> None:
    root = Path(check_project.__file__).parents[1]
    _, _, decision = (
        (root / "DECISIONS.md").read_text().partition("### Which macros of dbt are overridden")
    )
    named = set(re.findall(r"`(\w+)`", decision.partition("### ")[0]))
    stated = re.compile(r"{% (?:macro \w+?__|materialization )(\w+)")
    text = "".join(file.read_text() for file in (root / check_project.OVERRIDES).glob("*.sql"))
    assert set(stated.findall(text)) - named == set()
    assert {"listagg", "seed", "snapshot", "apply_grants"} <= set(stated.findall(text))
