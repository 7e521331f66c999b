"""Releases are complete or absent, and only an audited week becomes one."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from persona_access.base.content_hash import ContentHash
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.files import sha256_of
from persona_access.outputs.publishing.producers import Producer
from persona_access.outputs.release.catalogue import FILE_NAME as CATALOGUE
from persona_access.outputs.release.catalogue import Column, Mart
from persona_access.outputs.release.export import export_mart
from persona_access.outputs.release.gate import WeekBuild, check_week
from persona_access.outputs.release.manifest import write_manifest
from persona_access.outputs.release.release import Releases
from persona_access.outputs.release.reuse import (
    EarlierMart,
    fingerprint,
    share_equal_files,
    take_over,
)

WEEK, NEXT_WEEK = date(2026, 1, 5), date(2026, 1, 12)


def put(releases: Releases, text: str, week: date = WEEK, keep: int = 8) -> None:
    with releases.alone(), releases.new(week, keep) as folder:
        (folder / "mart.txt").write_text(text)


def read(releases: Releases) -> str:
    return (releases.current / "mart.txt").read_text()


def test_a_release_comes_into_force_beside_the_old_one(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    assert releases.current_name is None
    put(releases, "old")
    with (releases.current / "mart.txt").open() as reader:
        put(releases, "new")
        put(releases, "next week", NEXT_WEEK)
        assert releases.names() == ["2026-01-05_1", "2026-01-05_2", "2026-01-12_1"]
        assert releases.current.resolve().name == "2026-01-12_1"
        assert read(releases) == "next week"
        # Even if the folder moves, as on another machine's mount.
        assert not releases.current.readlink().is_absolute()
        assert reader.read() == "old"


def test_the_tenth_release_of_a_week_is_newer_than_the_ninth(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    for n in range(1, 11):
        put(releases, str(n), keep=2)
    assert releases.names() == ["2026-01-05_9", "2026-01-05_10"]
    assert read(releases) == "10"


@pytest.mark.parametrize("step", ["mkdir", "rename", "symlink_to", "replace"])
def test_a_stop_at_any_step_leaves_the_old_release_in_force(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = Releases(tmp_path)
    put(releases, "old")

    class PulledPlugError(BaseException):
        """No error handler catches this."""

    def pull_plug(*_: Any, **__: Any) -> None:
        raise PulledPlugError

    with monkeypatch.context() as patch:
        # A killed process cleans up nothing.
        patch.setattr("persona_access.outputs.release.release.shutil.rmtree", lambda *_, **__: None)
        patch.setattr(Path, step, pull_plug)
        with pytest.raises(PulledPlugError):
            put(releases, "new")
    assert read(releases) == "old"
    put(releases, "newer")
    assert read(releases) == "newer"
    assert not list(tmp_path.rglob("*unfinished*"))


def test_no_reader_has_what_could_not_be_put_on_record(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    put(releases, "old")
    told = []

    def full(place: Path) -> None:
        told.append((place.name, (place / "mart.txt").read_text(), read(releases)))
        raise OSError(errno.ENOSPC, "No space left on device")

    with (
        pytest.raises(OSError, match="No space"),
        releases.alone(),
        releases.new(WEEK, 8, full) as folder,
    ):
        (folder / "mart.txt").write_text("new")
    assert told == [("2026-01-05_2", "new", "old")]
    assert (read(releases), releases.names()) == ("old", ["2026-01-05_1"])


def test_what_readers_or_a_rollback_need_is_never_too_old(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    for text in ("first", "second", "third"):
        put(releases, text)
    assert releases.older_than(WEEK) == []
    assert releases.older_than(NEXT_WEEK) == ["2026-01-05_1"]
    with releases.alone():
        # After a rollback the newest is neither.
        releases.make_current("2026-01-05_2")
        assert releases.older_than(NEXT_WEEK) == ["2026-01-05_3"]
        releases.make_current("2026-01-05_1")
        assert releases.older_than(NEXT_WEEK) == ["2026-01-05_2", "2026-01-05_3"]
        (tmp_path / "releases" / ".unfinished" / "of a killed process").mkdir(parents=True)
        releases.forget(["2026-01-05_2"])
    assert releases.names() == ["2026-01-05_1", "2026-01-05_3"]
    assert read(releases) == "first"


def test_one_publishes_at_a_time(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    with releases.alone(), pytest.raises(MachineError, match="Another process is publishing"):
        put(releases, "second")
    put(releases, "later")
    assert read(releases) == "later"


MART = Mart("dim_things", "", "newest_week", {}, (), {})


@dataclass(frozen=True)
class Build:
    """A build according to its records."""

    week: date
    is_complete: bool = True
    tests: Mapping[str, str] = field(default_factory=lambda: {"keys_are_unique": "pass"})


def audit(
    *builds: Build,
    week_of_mart: date = NEXT_WEEK,
    mart: Mart = MART,
    kind: str = "table",
    written: date | None = None,
) -> WeekBuild:
    """Audit a warehouse with these builds, the newest last."""
    with duckdb.connect() as connection:
        connection.sql("create schema runs; create schema marts")
        connection.sql(
            f"create {kind} marts.dim_things as select date '{week_of_mart}' as as_of_date"
        )
        if written:
            connection.sql(
                "create table runs.written_tables as "
                f"select 'model.p.dim_things' as node_id, date '{written}' as as_of_date"
            )
        connection.sql(
            "create table runs.week_builds (as_of_date date, invocation_id varchar, "
            "started_at timestamp, is_complete boolean, n_errors integer, n_failures integer, "
            "n_skipped integer)"
        )
        connection.sql(
            "create table runs.test_results (invocation_id varchar, test_name varchar, "
            "test_kind varchar, test_status varchar)"
        )
        for n, build in enumerate(builds):
            connection.execute(
                "insert into runs.week_builds values "
                "($1, $2, timestamp '2026-02-01' + to_hours($3::int), $4, 0, 1, 0)",
                [build.week, f"build-{n}", n, build.is_complete],
            )
            for name, status in build.tests.items():
                connection.execute(
                    "insert into runs.test_results values ($1, $2, 'test', $3)",
                    [f"build-{n}", name, status],
                )
        return check_week(connection, [mart])


def test_a_whole_week_passes_the_audit() -> None:
    build = audit(Build(WEEK, is_complete=False), Build(WEEK), Build(NEXT_WEEK))
    assert (build.as_of_date, build.invocation_id) == (NEXT_WEEK, "build-2")


def test_a_week_that_failed_does_not_pass() -> None:
    failed = Build(NEXT_WEEK, is_complete=False, tests={"good": "pass", "bad": "fail"})
    with pytest.raises(PersonaAccessError, match=r"failed tests: 1.*\(bad\).*Fix the failures"):
        audit(Build(NEXT_WEEK), failed)


def test_a_warehouse_of_an_older_week_does_not_pass() -> None:
    with pytest.raises(PersonaAccessError, match="built last is 2026-01-05, but 2026-01-12"):
        audit(Build(NEXT_WEEK), Build(WEEK))


@pytest.mark.parametrize("tests", [{}, {"good": "pass", "left_out": "not_run"}])
def test_a_build_without_its_tests_does_not_pass(tests: dict[str, str]) -> None:
    with pytest.raises(PersonaAccessError, match="without all of its tests"):
        audit(Build(NEXT_WEEK, tests=tests))


def test_a_build_that_was_killed_does_not_pass() -> None:
    with pytest.raises(PersonaAccessError, match="'dim_things' is of 2026-01-12"):
        audit(Build(WEEK), week_of_mart=NEXT_WEEK)


def test_a_history_of_events_may_have_none_of_the_week() -> None:
    events = replace(MART, history="all")
    assert audit(Build(NEXT_WEEK), week_of_mart=WEEK, mart=events).as_of_date == NEXT_WEEK
    with pytest.raises(PersonaAccessError, match="'dim_things' is of 2026-01-12"):
        audit(Build(WEEK), week_of_mart=NEXT_WEEK, mart=events)
    with pytest.raises(PersonaAccessError, match="'dim_things' is of 2026-01-05"):
        audit(Build(NEXT_WEEK), week_of_mart=WEEK)


def test_a_quiet_week_passes_where_its_build_left_no_row() -> None:
    for quiet in ({"kind": "view"}, {"written": NEXT_WEEK}):
        build = audit(Build(NEXT_WEEK), week_of_mart=WEEK, **quiet)
        assert build.as_of_date == NEXT_WEEK
    with pytest.raises(PersonaAccessError, match="'dim_things' is of 2026-01-05"):
        audit(Build(NEXT_WEEK), week_of_mart=WEEK, written=WEEK)


def test_an_empty_warehouse_does_not_pass() -> None:
    with pytest.raises(PersonaAccessError, match="No week was built yet"):
        audit()
    with duckdb.connect() as empty, pytest.raises(PersonaAccessError, match="No week was built"):
        check_week(empty, [MART])


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(SettingsError, match="uv sync --extra tableau"):
        Producer("tableau", "no_such_module", "write", extra="tableau").load()


def released(folder: Path, files: dict[str, str], made_of: str) -> Path:
    """Write a release of these files with the manifest that `publish` writes."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    build = WeekBuild(WEEK, "build", datetime(2026, 1, 5), None)  # noqa: DTZ001 - it is UTC
    write_manifest(folder, build=build, masking_key=None, marts={}, contents={}, made_of=made_of)
    return folder


FILES = {"report/index.html": "<p>", "report/data/1.js": "1", "work_lists/a.csv": "a"}


def test_an_artefact_made_of_the_same_is_not_written_again(tmp_path: Path) -> None:
    earlier = released(tmp_path / "earlier", FILES, "the same")
    (tmp_path / "new").mkdir()
    assert take_over(earlier, tmp_path / "new", "report", "the same")
    for path in ("report/index.html", "report/data/1.js"):
        assert (tmp_path / "new" / path).samefile(earlier / path)
    assert not (tmp_path / "new/work_lists").exists()


@pytest.mark.parametrize(
    ("artefact", "made_of", "damaged"),
    [("report", "other", ""), ("tableau", "the same", ""), ("report", "the same", "damaged")],
)
def test_any_other_artefact_is_written(
    tmp_path: Path, artefact: str, made_of: str, damaged: str
) -> None:
    earlier = released(tmp_path / "earlier", FILES, "the same")
    if damaged:
        (earlier / "report/data/1.js").write_text(damaged, "utf-8")
    (tmp_path / "new").mkdir()
    assert not take_over(earlier, tmp_path / "new", artefact, made_of)
    assert not take_over(None, tmp_path / "new", artefact, made_of)
    assert list((tmp_path / "new").iterdir()) == []


def test_equal_files_of_two_releases_are_one_on_disk(tmp_path: Path) -> None:
    earlier = released(tmp_path / "earlier", FILES, "")
    new = released(tmp_path / "new", FILES | {"report/data/1.js": "2"}, "")
    share_equal_files(earlier, new)
    assert (new / "work_lists/a.csv").samefile(earlier / "work_lists/a.csv")
    assert (new / "report/data/1.js").read_text() == "2"
    assert (earlier / "report/data/1.js").read_text() == "1"
    # Removing a release removes nothing from the others.
    shutil.rmtree(earlier)
    assert (new / "work_lists/a.csv").read_text() == "a"


def test_a_changed_row_or_word_is_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / CATALOGUE).write_text("{}", "utf-8")
    held = {"dim_things": ContentHash(1, "a")}
    one = fingerprint(tmp_path, held)
    assert fingerprint(tmp_path, dict(held)) == one
    assert fingerprint(tmp_path, {"dim_things": ContentHash(1, "b")}) != one
    (tmp_path / CATALOGUE).write_text('{"words": 1}', "utf-8")
    assert fingerprint(tmp_path, held) != one


KEYED = replace(
    MART,
    key=("thing_id",),
    columns={
        name: Column(name, kind, "", "", None, None, "none")
        for name, kind in (("as_of_date", "date"), ("thing_id", "integer"))
    },
)


def exported(folder: Path, things: list[int], **known: Any) -> tuple[Path, ContentHash]:
    """Export a mart with these things."""
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.dim_things as select date '{WEEK}' as as_of_date, "
            "unnest($1::integer[]) as thing_id",
            [things],
        )
        content = export_mart(connection, KEYED, WEEK, folder, **known)
    return folder / "dim_things.parquet", content


def test_equal_rows_are_equal_files_sorted_by_their_key(tmp_path: Path) -> None:
    file, content = exported(tmp_path / "one", [3, 1, 2])
    other, other_content = exported(tmp_path / "other", [2, 3, 1])
    assert duckdb.sql(f"select thing_id from '{file}'").fetchall() == [(1,), (2,), (3,)]
    assert (file.read_bytes(), content) == (other.read_bytes(), other_content)


@pytest.mark.parametrize(
    ("things", "sha", "is_recorded", "is_linked"),
    [
        ([1, 2], "", True, True),
        # The warehouse changed after its build: what the earlier release has is not its content.
        ([1, 3], "", True, False),
        ([1, 2], "of other bytes", True, False),
        ([1, 2], "", False, False),
    ],
)
def test_a_mart_with_the_recorded_content_is_linked_from_the_earlier_release(
    tmp_path: Path, things: list[int], sha: str, *, is_recorded: bool, is_linked: bool
) -> None:
    file, content = exported(tmp_path / "earlier", [1, 2])
    earlier = EarlierMart(file, content, sha or sha256_of(file))
    recorded = content if is_recorded else None
    new, now = exported(tmp_path / "new", things, recorded=recorded, earlier=earlier)
    assert (new.samefile(file), now == content) == (is_linked, things == [1, 2])
    rows = duckdb.sql(f"select thing_id from '{new}' order by 1").fetchall()
    assert rows == [(thing,) for thing in things]
