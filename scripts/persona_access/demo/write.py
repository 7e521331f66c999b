"""Write an invented bank to the place in the settings, but never beside real people."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.files import sha256_of
from persona_access.base.ledger import Ledger
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.targets import PRODUCTION
from persona_access.demo.answers import write_answers
from persona_access.demo.generate import (
    FEEDS,
    DemoBank,
    DemoResult,
    WrittenFile,
    write_demo,
)
from persona_access.demo.seeds import DEFAULT_FIRST_WEEK, shift_seeds


def write_bank(
    settings: Settings,
    demo: DemoBank,
    report: Reporter = SILENT,
    *,
    out: Path | None = None,
    compress: bool = False,
    is_foreign: bool = False,
    seeds_out: Path | None = None,
    has_answers: bool = False,
) -> tuple[Path, DemoResult]:
    """Write the demo bank to the drop zone (or `out`), and the expected results beside it.

    Returns the folder of the files and the result.

    Before anything is written, raises SettingsError if the bank cannot be generated, in
    production, and if the home already has weeks of another bank.
    """
    if settings.target == PRODUCTION:
        raise SettingsError(
            "PERSONA_ACCESS_TARGET is 'production', where an invented bank must not be mixed "
            "with real people: use dev or staging."
        )
    demo.check()
    drop_zone = out.expanduser().absolute() if out else settings.drop_zone
    truth_file = (drop_zone.parent if out else settings.home) / "demo_truth.csv"
    if seeds_out:
        shift_seeds(settings.seeds, seeds_out, (demo.first_week - DEFAULT_FIRST_WEEK).days)
        report.say(f"Decisions, dated for weeks from {demo.first_week}, in {seeds_out}")
    elif demo.first_week != DEFAULT_FIRST_WEEK:
        report.warn(
            f"The decisions in {settings.seeds} are dated for weeks from {DEFAULT_FIRST_WEEK}: "
            "with other weeks the truth file is right only for the copy that --seeds-out writes."
        )
    for folder in (drop_zone, truth_file.parent):
        folder.mkdir(parents=True, exist_ok=True)
    with (
        report.work("invent a bank"),
        tempfile.TemporaryDirectory(prefix=".demo-", dir=drop_zone.parent) as work,
    ):
        written = write_demo(
            demo,
            Path(work) / "files",
            Path(work) / truth_file.name,
            compress=compress,
            is_foreign=is_foreign,
            memory_limit=settings.memory_limit,
        )
        if out is None:
            _refuse_weeks_of_another_bank(settings, demo, written.feed_files)
        for truth in Path(work).glob("*.csv"):
            shutil.move(truth, truth_file.with_name(truth.name))
        result = replace(
            written,
            truth_file=truth_file,
            feed_files=[
                replace(file, path=Path(shutil.move(file.path, drop_zone / file.path.name)))
                for file in written.feed_files
            ],
        )
    if has_answers:
        files = write_answers(demo.weeks, drop_zone, settings.list_keys)
        report.say(f"Answers of three reviewers, and tickets: {len(files)} files")
    return drop_zone, result


def _refuse_weeks_of_another_bank(
    settings: Settings, demo: DemoBank, files: Sequence[WrittenFile]
) -> None:
    """Refuse weeks that `load` would refuse as corrections of weeks before the newest one.

    Raises SettingsError that names the folder to delete.
    """
    loaded = Ledger(settings.raw / "load_ledger").all_loaded()
    newest = max((record.extract_date or "" for record in loaded), default="")
    known = {record.file_sha256 for record in loaded}
    weeks = [str(week) for week in demo.weeks for _ in FEEDS]
    if any(
        week < newest and sha256_of(file.path) not in known
        for week, file in zip(weeks, files, strict=True)
    ):
        raise SettingsError(
            f"{settings.home} contains another demo, up to {newest}, and would refuse these "
            "weeks as corrections of old ones: delete that folder, or set PERSONA_ACCESS_HOME "
            "to a new one, and run the command again."
        )
