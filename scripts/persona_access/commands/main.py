"""The command line: each command's work lives in its own module, imported when it is called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from persona_access import __version__
from persona_access.base.errors import EXIT_MACHINE, PersonaAccessError
from persona_access.base.settings import load_settings
from persona_access.commands.audit import audit
from persona_access.commands.cloud import cloud
from persona_access.commands.load import load
from persona_access.learning import learning


class _Sentences(TyperGroup):
    """Turn the project's errors into one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PersonaAccessError as error:
            typer.echo(f"persona-access: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError:
            # The reader of our output has seen enough; the command line library ends quietly.
            raise
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            typer.echo(
                f"persona-access: the system refused a file operation: {error.strerror or error}"
                f"{where}; see that the disk has space and the folder can be written.",
                err=True,
            )
            raise typer.Exit(EXIT_MACHINE) from error


app = typer.Typer(
    cls=_Sentences,
    name="persona-access",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Weekly reconciliation of who holds which application against what they should hold.",
    epilog="Exit codes: 0 fine, 1 something was refused or a check failed, "
    "2 wrong usage or settings, 3 the machine is in the way (disk full, folder unwritable, lock).",
)


app.command()(load)
app.add_typer(audit, name="audit")
app.add_typer(cloud, name="cloud")


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def decrypt(
    sealed: Annotated[Path, typer.Argument(help="A file of archive/ or rejected/.")],
    to: Annotated[Path, typer.Argument(help="The file to write, readable for anybody.")],
) -> None:
    """Write a file that was archived encrypted as it was delivered."""
    from persona_access.audit import record
    from persona_access.base.kept_files import decrypt

    decrypt(sealed, to)
    record(load_settings(), "decrypt", {"file": sealed.name})


@app.command()
def build() -> None:
    """Build the loaded weeks that are not built yet, oldest first, with every test."""
    from persona_access.weeks.build import run_build

    run_build(load_settings())


@app.command()
def rebuild(
    since: Annotated[
        datetime,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First week to build again."),
    ],
) -> None:
    """Build weeks again in order after a correction, as if they had been right the first time."""
    from persona_access.weeks.build import run_rebuild

    run_rebuild(load_settings(), since.date())


@app.command()
def verify(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Week to build beside.")],
    is_whole: Annotated[
        bool, typer.Option("--whole-history", help="Build all weeks before it again, too.")
    ] = False,
    against: Annotated[
        Path | None, typer.Option(help="Also compare with <mart>.parquet files of this folder.")
    ] = None,
) -> None:
    """Build one week beside the warehouse from its files, and compare every mart and snapshot."""
    from persona_access.weeks.verify import run_verify

    run_verify(load_settings(), week.date(), is_whole=is_whole, against=against)


@app.command()
def prune(
    keep_weeks: Annotated[
        int | None, typer.Option(help="Instead of the var retention_weeks.", show_default=False)
    ] = None,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="Remove it; without this it is only shown.")
    ] = False,
) -> None:
    """Remove weeks and files that the retention policy no longer keeps; show them first."""
    from persona_access.weeks.prune import run_prune

    run_prune(load_settings(), keep_weeks, is_confirmed=is_confirmed)


@app.command()
def why_changed(
    earlier: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The week before, unless said."),
    ] = None,
    later: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The newest built week, unless said."),
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Attribute every changed status between two weeks to one input that changed."""
    from persona_access.questions.why_changed.command import run_why_changed

    run_why_changed(
        load_settings(),
        earlier.date() if earlier else None,
        later.date() if later else None,
        is_json=is_json,
    )


@app.command()
def demo(
    employees: Annotated[int, typer.Option(help="People besides the cast of cases.")] = 2000,
    applications: Annotated[int, typer.Option(help="At least 60.")] = 60,
    personas: Annotated[int, typer.Option(help="At least 25; more are named by list.")] = 25,
    applications_per_persona: Annotated[
        int, typer.Option(help="Applications of each persona beyond the 25th.")
    ] = 50,
    weeks: Annotated[int, typer.Option(help="Number of weekly deliveries.")] = 8,
    first_week: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Date of the first delivery.")
    ] = datetime(2026, 9, 28),  # noqa: DTZ001 - a date; typer has no type for one
    seed: Annotated[int, typer.Option(help="Same number and size, same bytes.")] = 7,
    gz: Annotated[bool, typer.Option("--gz", help="Write .csv.gz.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to instead of the drop zone.")
    ] = None,
    seeds_out: Annotated[
        Path | None, typer.Option(help="Also write the decisions, dated for these weeks.")
    ] = None,
) -> None:
    """Write the weekly files of an invented bank, and the truth about every defect in them."""
    from persona_access.demo import DemoBank
    from persona_access.demo.command import run_demo

    bank = DemoBank(
        seed=seed,
        n_employees=employees,
        n_applications=applications,
        n_personas=personas,
        n_weeks=weeks,
        first_week=first_week.date(),
        applications_per_persona=applications_per_persona,
    )
    run_demo(load_settings(), bank, out=out, compress=gz, seeds_out=seeds_out)


@app.command()
def train(
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Learn from the weeks up to this date only."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="An optional attribute to leave out; repeatable.")
    ] = None,
    min_precision: Annotated[
        float, typer.Option(min=0, max=1, help="As the var pretrained_min_precision.")
    ] = 0.95,
) -> None:
    """Learn persona mappings from people whose persona is known, and write them as seeds."""
    with learning():
        from persona_access.learning.command import run_train

    run_train(
        load_settings(),
        until=until.date() if until else None,
        ignored=ignore or [],
        minimum=min_precision,
    )


@app.command()
def evaluate(
    repeats: Annotated[int, typer.Option(min=1, help="Random and unseen splits to pool.")] = 1,
    ignore: Annotated[
        list[str] | None, typer.Option(help="An optional attribute to leave out; repeatable.")
    ] = None,
    min_precision: Annotated[
        float, typer.Option(min=0, max=1, help="As the var pretrained_min_precision.")
    ] = 0.95,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw coverage against precision, as SVG.")
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Measure the learned mappings on people held out: at random, unseen cost centers, later."""
    with learning():
        from persona_access.learning.command import run_evaluate

    run_evaluate(
        load_settings(),
        minimum=min_precision,
        ignored=ignore or [],
        repeats=repeats,
        is_json=is_json,
        picture=picture,
    )


@app.command()
def publish(
    artefacts: Annotated[
        list[str] | None,
        typer.Argument(help="What to make of the marts; all that is installed when left out."),
    ] = None,
    masked: Annotated[
        bool | None,
        typer.Option("--masked/--full", help="Pseudonyms instead of people, in a folder apart."),
    ] = None,
    tableau_server: Annotated[
        bool, typer.Option("--tableau-server", help="Also upload the workbook and its data.")
    ] = False,
    postgres: Annotated[
        bool, typer.Option("--postgres", help="Also load the marts, with the rights on them.")
    ] = False,
) -> None:
    """Publish the newest week, if it was built whole and passed every test."""
    from persona_access.outputs.release.command import run_publish

    settings = load_settings()
    is_masked = settings.is_publishing_masked if masked is None else masked
    run_publish(
        settings,
        artefacts or [],
        is_masked=is_masked,
        is_uploaded=tableau_server,
        is_served=postgres,
    )


@app.command()
def serve() -> None:
    """Load the release in force into PostgreSQL, each reader with their own rows."""
    from persona_access.outputs.release.command import run_serve

    run_serve(load_settings())


@app.command()
def rollback(
    because: Annotated[str, typer.Option(help="Why; kept in the audit log.")],
    to: Annotated[
        str | None, typer.Option(help="Name of a release; the one before when left out.")
    ] = None,
    masked: Annotated[
        bool | None, typer.Option("--masked/--full", help="Which releases, as in `publish`.")
    ] = None,
) -> None:
    """Put an earlier release in force again, if it is as it was published."""
    from persona_access.outputs.release.rollback import run_rollback

    settings = load_settings()
    is_masked = settings.is_publishing_masked if masked is None else masked
    run_rollback(settings, to, because, is_masked=is_masked)


@app.command()
def evidence(
    week: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="As-of date of the week.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The zip to write; evidence_<week>.zip in the home when left out."),
    ] = None,
) -> None:
    """Write all that an auditor asks of a week as one zip that can be checked without us."""
    from persona_access.outputs.evidence.command import run_evidence

    settings = load_settings()
    day = week.date()
    run_evidence(settings, day, out or settings.evidence / f"evidence_{day}.zip")


@app.command()
def run(
    due: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of the week to run; today unless said."),
    ] = None,
    wait_minutes: Annotated[
        float, typer.Option(min=0, help="How long to wait for feeds that are not there yet.")
    ] = 0,
    poll_seconds: Annotated[
        float, typer.Option(min=1, help="How often to look for them meanwhile.")
    ] = 30,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A gate to lift for this week, or GATE:WEEK for another; repeatable."),
    ] = None,
    because: Annotated[
        str | None, typer.Option(help="Why it is right to lift it; kept on record.")
    ] = None,
    is_publishing: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Whether to publish at the end.")
    ] = True,
) -> None:
    """Do what is left of the week: wait for its feeds, load, build, publish, tell people."""
    from persona_access.base.gates import read_accepted
    from persona_access.weeks.run import Order, run_weekly

    order = Order(
        due=due.date() if due else None,
        wait_seconds=wait_minutes * 60,
        poll_seconds=poll_seconds,
        accepted=read_accepted(accept or [], because),
        because=because or "",
        is_publishing=is_publishing,
    )
    run_weekly(load_settings(), order)


@app.command()
def summary(
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="As-of date; the newest built week when left out."),
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Show what a week came to: statuses, worst personas, what was set aside, the trend."""
    from persona_access.questions.summary import run_summary

    run_summary(load_settings(), week.date() if week else None, is_json=is_json)


@app.command()
def explain(
    brid: Annotated[str, typer.Argument(help="In any spelling, such as 00123, b123 or 123.")],
    week: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="As-of date; the newest built week when left out."),
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Show who a BRID is, which persona it has and why, and each application with its status."""
    from persona_access.questions.explain import run_explain

    run_explain(load_settings(), brid, week.date() if week else None, is_json=is_json)


@app.command()
def resolve(
    management_level: Annotated[str, typer.Option(help="As HR writes it; '' when empty.")],
    cost_center: Annotated[str, typer.Option(help="As HR writes it; '' when empty.")],
    department: Annotated[str | None, typer.Option()] = None,
    job_title: Annotated[str | None, typer.Option()] = None,
    worker_type: Annotated[str | None, typer.Option()] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Show which persona somebody with these attributes would get, and why."""
    from persona_access.questions.resolve import run_resolve

    attributes = {
        "management_level": management_level,
        "cost_center": cost_center,
        "department": department,
        "job_title": job_title,
        "worker_type": worker_type,
    }
    run_resolve(load_settings(), attributes, is_json=is_json)


@app.command()
def impact(
    base: Annotated[
        str | None,
        typer.Option(
            help="Revision to compare with; where this branch left origin/main when left out, "
            "or HEAD without such a branch."
        ),
    ] = None,
    weeks: Annotated[int, typer.Option(min=1, help="Compare the last loaded weeks.")] = 1,
    max_changed: Annotated[
        int | None, typer.Option(min=0, help="Exit with 1 when more people change.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Also write the whole report to this file, as Markdown.")
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Show what the changed decisions in seeds/ would do: who changes persona, what flips."""
    from persona_access.questions.impact.command import run_impact

    run_impact(
        load_settings(),
        base,
        n_weeks=weeks,
        max_changed=max_changed,
        markdown=markdown,
        is_json=is_json,
    )


def main() -> None:
    """Run the command line."""
    app()
