"""Write an invented bank where the settings ask for it, and never beside real people."""

from __future__ import annotations

from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.report import SILENT, Reporter
from persona_access.base.settings import Settings
from persona_access.base.targets import PRODUCTION
from persona_access.demo.answers import write_answers
from persona_access.demo.generate import DemoBank, DemoResult, write_demo
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
    """Write the demo bank into the drop zone (or `out`) and the truth beside it.

    Returns the folder of the files and what was written.

    Raises SettingsError for a bank that cannot be generated, and for any in production, before
    anything is written.
    """
    if settings.target == PRODUCTION:
        raise SettingsError(
            "PERSONA_ACCESS_TARGET is 'production', where no invented bank may stand beside real "
            "people: use dev or staging."
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
    with report.work("invent a bank"):
        result = write_demo(
            demo,
            drop_zone,
            truth_file,
            compress=compress,
            is_foreign=is_foreign,
            memory_limit=settings.memory_limit,
        )
    if has_answers:
        files = write_answers(demo.weeks, drop_zone, settings.list_keys)
        report.say(f"Answers of three reviewers, and tickets: {len(files)} files")
    return drop_zone, result
