"""An error in a seed, a var, a profile or a YAML file is reported with its line, without dbt."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from persona_access.base import project_check
from persona_access.base.errors import SettingsError
from persona_access.base.project_check import Fault
from persona_access.base.project_vars import ProjectVars
from persona_access.base.settings import Settings
from scenarios.project import ROOT, Project, make_project

# Nine levels of nine aliases: a billion words from a text of 500 characters.
BOMB = "a0: &a0 [x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
)
RULES = (ROOT / "seeds" / "mapping_rules.csv").read_text("utf-8").splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = make_project(tmp_path / "project", {})
    shutil.copytree(ROOT / "seeds", made.root / "seeds", dirs_exist_ok=True)
    return made


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def add(project: Project, seed: str, line: str | bytes) -> None:
    with (project.root / "seeds" / f"{seed}.csv").open("ab") as file:
        file.write((line if isinstance(line, bytes) else line.encode()) + b"\n")


def line_of(project: Project, file: str, word: str) -> int:
    lines = (project.root / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if word in line)


N_RULES = len(RULES)
RULE = (
    "R-X,1,{effect},*,FIN-1,accountant,{priority},{is_null},{start},,1003,1010,1001,2026-01-01,"
    "{why}"
)


def rule(**cells: str) -> str:
    defaults = {"effect": "assign", "priority": "", "is_null": "false", "start": "2026-01-01"}
    return RULE.format(**({"why": "Because."} | defaults | cells))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (rule(start="31.12.2025"), "column valid_from is '31.12.2025'; allowed: an existing date"),
        (rule(start="2026-02-30"), "column valid_from is '2026-02-30'; allowed: an existing date"),
        (rule(priority="first"), "column priority is 'first'; allowed: a whole number"),
        (rule(priority="99999999999"), "column priority is '99999999999'; allowed: a whole number"),
        (rule(is_null="ja"), "column is_null_matched is 'ja'; allowed: true, false or nothing"),
        (rule(effect="grant"), "column effect is 'grant'; allowed: assign, exclude"),
        (rule(why="Because, well, so."), "has 17 cells, and the header has 15; put a cell with a"),
        (
            rule().replace("FIN-1", "NA"),
            "column cost_center is 'NA'; allowed: a value; hr_headcount reads this one as empty",
        ),
        (rule(why='Because "so" it is "'), ""),
        (rule(why="One\u2028line\x85or\x0bcell."), ""),
        ("R-X,1", "has 2 cells, and the header has 15"),
        (rule(why='"never closed'), "is not CSV (unexpected end of data)"),
        (rule(why="caf\xe9").encode("latin-1"), "is not UTF-8; save the file as UTF-8"),
    ],
)
def test_a_bad_row_of_a_seed_is_named_by_its_line(
    project: Project, row: str | bytes, said: str
) -> None:
    add(project, "mapping_rules", row)
    result = project.run("check")
    if not said:
        assert result.exit_code == 0, result.output
        return
    assert result.exit_code == 2
    assert f"seeds/mapping_rules.csv, line {N_RULES + 1}: {said}" in result.output


def test_a_mapping_seed_of_an_earlier_release_is_sound(project: Project) -> None:
    file = project.root / "seeds" / "pretrained_mappings.csv"
    kept = file.read_bytes()
    columns = file.read_text("utf-8").splitlines()[0].split(",")
    for header, exit_code in (
        ([name for name in columns if name not in ("manager_brid", "assurance_group")], 0),
        ([*columns, "training_id"], 0),
        ([*columns, "training"], 2),
        ([name for name in columns if name != "persona_id"], 2),
    ):
        file.write_text(",".join(header) + "\n", "utf-8")
        result = project.run("check")
        assert result.exit_code == exit_code, result.output
    file.write_bytes(kept)


def test_lines_are_counted_as_an_editor_does_where_cells_have_line_breaks(project: Project) -> None:
    add(project, "mapping_rules", rule(why='"two\nlines"'))
    add(project, "mapping_rules", rule(priority="x"))
    said = project.run("check").output
    assert f"seeds/mapping_rules.csv, line {N_RULES + 3}: column priority is 'x'" in said


def test_every_declared_type_has_a_check_and_every_seed_is_sound(project: Project) -> None:
    assert project.run("check").exit_code == 0
    declared = yaml.safe_load(
        (ROOT / "models/staging/decisions/_decisions__seeds.yml").read_text("utf-8")
    )
    wrong = {"date": "soon", "boolean": "perhaps", "integer": "many", "numeric": "much"}
    n_checked = 0
    for seed in declared["seeds"]:
        types = seed["config"]["column_types"]
        for column, data_type in types.items():
            bad = next((word for kind, word in wrong.items() if data_type.startswith(kind)), None)
            assert bad or "string" in data_type, (column, data_type)
            if bad:
                cells = [bad if name == column else "" for name in types]
                text = f"{','.join(types)}\n{','.join(cells)}\n"
                file = project.root / "seeds" / f"{seed['name']}.csv"
                kept = file.read_bytes()
                file.write_text(text, "utf-8")
                said = project.run("check").output
                file.write_bytes(kept)
                assert f"{seed['name']}.csv, line 2: column {column} is '{bad}'" in said
                n_checked += 1
    assert n_checked > 30


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mover_grace_days: 14", "mover_grace_days: fourteen", "a whole number of days"),
        ("mover_grace_days: 14", "mover_grace_days: -1", "a whole number of days"),
        ("mover_grace_days: 14", "mover_grace_day: 14", "only vars that"),
        ("  leaver: 1", "  leaver: true", "a whole number of days"),
        ("pretrained_min_precision: 0.95", "pretrained_min_precision: 95", "a number from 0 to 1"),
        ("week_feed: null", "week_feed: [a]", "the name of a required feed, or null"),
        ('["SVC", "BOT", "APP", "SYS", "RPA"]', "SVC", "a list of words in capitals and digits"),
        ('["SVC", "BOT", "APP", "SYS", "RPA"]', '["%"]', "a list of words in capitals and digits"),
        ('["SVC", "BOT", "APP", "SYS", "RPA"]', '["svc"]', "a list of words in capitals and dig"),
        ("retention_weeks: 104", "retention_weeks: 104.5", "a whole number of weeks up to 5200"),
        ("retention_weeks: 104", "retention_weeks: 99999", "a whole number of weeks up to 5200"),
        ("mover_grace_days: 14", "mover_grace_days: 1000000", "a whole number of days up to"),
        ("as_of_date: null", 'as_of_date: "20261005"', "a date such as 2026-10-05, or null"),
        ("{default: 0.3}", "{default: .inf}", "a number from 0 to 1"),
        ("{default: 0.5}", "{default: .inf}", "a number of at least 0"),
        ("{default: 0.3}", "{hr_headcount: 0.3}", "a mapping of feeds to shares that has"),
        ("as_of_date: null", "as_of_date: tomorrow", "a date such as 2026-10-05, or null"),
    ],
)
def test_a_var_is_refused_with_its_line_and_what_is_allowed(
    project: Project, old: str, new: str, said: str
) -> None:
    edit(project, "dbt_project.yml", old, new)
    result = project.run("build")
    assert result.exit_code == 2, result.output
    line = line_of(project, "dbt_project.yml", new)
    assert f"dbt_project.yml, line {line}: " in result.output
    assert f"allowed: {said}" in result.output
    assert "Traceback" not in result.output


def test_a_share_of_no_feed_is_named(project: Project) -> None:
    edit(project, "dbt_project.yml", "{default: 0.3}", "{default: 0.3, hr_headcont: 0.1}")
    said = project.run("check").output
    assert "feed_max_shrink_share.hr_headcont names no feed" in said
    assert "hr_headcount is probably meant" in said


def test_every_var_that_the_models_read_is_declared() -> None:
    given = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
    assert set(given) == set(ProjectVars.model_fields)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("dbt_project.yml", "vars:\n", "vars\n", "is not YAML: "),
        ("dbt_project.yml", "seed-paths:", "seed-path:", "seed-paths is probably meant"),
        ("dbt_project.yml", "profile: persona_access\n", "profile: 'x\n", "is not YAML: "),
        ("dbt_project.yml", "\nvars:", "\nname: again\nvars:", "has the key 'name' a second time"),
        (
            "dbt_project.yml",
            "\nvars:",
            "\nx: &x [*x]\nvars:",
            "is not YAML: it has too many levels",
        ),
        (
            "dbt_project.yml",
            "\nvars:",
            f"\n{BOMB}\nvars:",
            "is not YAML: its aliases repeat too much",
        ),
        ("profiles.yml", "    dev: &duckdb", "    dew: &duckdb", "no output for the target 'dev'"),
        ("profiles.yml", "persona_access:\n", "persona_acces:\n", "has no profile persona_access"),
    ],
)
def test_a_slip_in_yaml_is_a_sentence_with_its_line(
    project: Project, file: str, old: str, new: str, said: str
) -> None:
    edit(project, file, old, new)
    result = project.run("check")
    assert result.exit_code in (1, 2), result.output
    assert file in result.output
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_seed_that_is_missing_unknown_or_has_other_columns_is_named(project: Project) -> None:
    (project.root / "seeds" / "waivers.csv").rename(project.root / "seeds" / "waiver.csv")
    edit(project, "seeds/mapping_rules.csv", "cost_center", "cost_centre")
    said = project.run("check").output
    assert "seeds/waivers.csv: is missing" in said
    assert "waiver.csv: is not a seed of the project; waivers is probably meant" in said
    assert (
        "line 1: 'cost_centre' is not a column of this file; cost_center is probably meant" in said
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(",", ";"), "has semicolons between its cells"),
        (lambda text: text.replace(",", "\t"), "has tabs between its cells"),
        (lambda text: text.partition("\n")[2], "is not a header; the columns are waiver_id, brid"),
        (lambda _: "", "has no header; its columns are waiver_id, brid"),
    ],
)
def test_another_kind_of_table_is_one_fault(
    project: Project, change: Callable[[str], str], said: str
) -> None:
    file = project.root / "seeds" / "waivers.csv"
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    result = project.run("check")
    assert result.exit_code == 2
    assert f"seeds/waivers.csv, line 1: {said}" in result.output
    assert "faults in" not in result.output


def test_a_missing_folder_of_decisions_is_an_error_with_everything_built(
    built_bank: Project,
) -> None:
    folder = built_bank.root / "seeds"
    folder.rename(built_bank.root / "elsewhere")
    try:
        result = built_bank.run("build")
    finally:
        (built_bank.root / "elsewhere").rename(folder)
    assert result.exit_code == 2
    assert "this folder of decisions does not exist" in result.output


def test_the_check_takes_less_than_two_seconds_and_no_dbt() -> None:
    program = (
        "import sys\nfrom persona_access.commands.main import app\n"
        "try:\n    app(['check'])\nexcept SystemExit as end:\n"
        "    assert not end.code\n    assert 'dbt.cli' not in sys.modules\n"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # CPU time, so that the test does not fail on a busy machine.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_files_are_read_again_only_where_they_changed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def find_faults(settings: Settings) -> Iterator[Fault]:
        read.append(settings.seeds)
        return found(settings)

    found = project_check.find_faults
    monkeypatch.setattr(project_check, "find_faults", find_faults)
    settings = project.settings
    for is_kept, n_read in ((True, 1), (True, 1), (False, 2)):
        # As in another process.
        monkeypatch.setattr(project_check, "_sound", set())
        project_check.check_project(settings, is_kept=is_kept)
        assert len(read) == n_read
    add(project, "mapping_rules", rule(effect="asign"))
    for n_read in (3, 4):
        with pytest.raises(SettingsError, match="asign"):
            project_check.check_project(settings)
        assert len(read) == n_read


def test_many_faults_are_counted_and_the_first_are_shown(project: Project) -> None:
    for number in range(100):
        add(project, "mapping_rules", rule(priority=f"x{number}"))
    said = project.run("check").output
    assert "100 faults in the project's files:" in said
    assert "and 80 more" in said
    assert said.count("\n") < 30
