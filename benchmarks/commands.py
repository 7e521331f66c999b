"""Measure the time of every command relative to a build of the same week, alternating in one run.

A home with two weeks is created once and kept in `--work`; each command starts from a copy, so
that none benefits from another. Costs are also given in builds: only such ratios within one run
are meaningful.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from measure import Cost, say, spend
from weekly_job import COMMAND, PROJECT, SIZES, keep, median

WEEKS = ("2026-09-28", "2026-10-05")
# A smaller difference is noise of a busy machine.
_SLOWER = 1.1


class Bank:
    """A home with two loaded and built weeks, and copies of it."""

    def __init__(self, work: Path, size: str, project: Path = PROJECT) -> None:
        self.project = project
        self.work = (work / size).absolute()
        self.kept, self.home = self.work / "kept", self.work / "home"
        if not (self.kept / "done").exists():
            self._make(size)

    def run(self, *arguments: object, **environment: str) -> Cost:
        """Run a command of the project; exit if it fails."""
        given = {
            "PERSONA_ACCESS_PROJECT": str(self.project),
            "PERSONA_ACCESS_HOME": str(self.home),
        }
        command = self.project / COMMAND.relative_to(PROJECT)
        return spend((command, *arguments), given | environment, self.work / "commands.log")

    def start_over(self) -> None:
        """Take a fresh copy of the home."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.kept, self.home, symlinks=True)

    def _make(self, size: str) -> None:
        zone = self.work / "zone"
        for folder in (self.kept, self.home, zone):
            shutil.rmtree(folder, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)
        drop = self.work / "drop"
        if not drop.is_dir():
            self.run("demo", "--weeks", len(WEEKS), "--out", drop, *SIZES[size])
        # All copies have the same path, because dbt parses the project again for another home.
        for week in WEEKS:
            zone.mkdir()
            for file in drop.glob(f"*{week}*"):
                # A second name of a file is not loaded.
                shutil.copyfile(file, zone / file.name)
            self.run("load", "--drop-zone", zone, "--settle-seconds", 0)
            self.run("build")
            shutil.rmtree(zone)
        (self.home / "done").touch()
        self.home.rename(self.kept)


def load(bank: Bank) -> Cost:
    """Load the files of both weeks into an empty home."""
    shutil.rmtree(bank.home)
    return bank.run(
        *("load", "--drop-zone", bank.work / "drop", "--leave-files", "--settle-seconds", 0)
    )


def nothing_new(bank: Bank) -> Cost:
    """Build when everything is built."""
    return bank.run("build")


def check(bank: Bank) -> Cost:
    """Check decisions, vars and YAML without building."""
    return bank.run("check")


def build(bank: Bank) -> Cost:
    """Build the newest week again, with all tests: the reference for the other commands."""
    return bank.run("rebuild", "--from", WEEKS[1])


def rebuild_two_weeks(bank: Bank) -> Cost:
    """Build both weeks again."""
    return bank.run("rebuild", "--from", WEEKS[0])


def publish(bank: Bank) -> Cost:
    """Publish the newest week with all outputs."""
    return bank.run("publish")


def report(bank: Bank) -> Cost:
    """Publish only the marts and the web report."""
    return bank.run("publish", "report")


def publish_again(bank: Bank) -> Cost:
    """Publish the same, unchanged week again."""
    bank.run("publish")
    return bank.run("publish")


def why_changed(bank: Bank) -> Cost:
    """Explain what changed between the two weeks."""
    return bank.run("why-changed")


def verify(bank: Bank) -> Cost:
    """Build the newest week beside the warehouse and compare."""
    return bank.run("verify", "--week", WEEKS[1])


def impact(bank: Bank) -> Cost:
    """Compare the decisions, with one removed, with those of the last commit."""
    # dbt reads decisions only inside the project.
    repository = bank.project / "data" / "benchmark_decisions"
    seeds = repository / "seeds"
    shutil.rmtree(repository, ignore_errors=True)
    shutil.copytree(bank.project / "seeds", seeds)
    author = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.invalid")
    for step in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "The decisions")):
        spend(("git", "-C", repository, *step), {}, bank.work / "commands.log")
    waivers = seeds / "waivers.csv"
    kept = waivers.read_text("utf-8").splitlines(keepends=True)[:-1]
    waivers.write_text("".join(kept), "utf-8")
    return bank.run("impact", "--base", "HEAD", PERSONA_ACCESS_SEEDS=str(seeds))


def evidence(bank: Bank) -> Cost:
    """Write the evidence pack of the newest week."""
    return bank.run("evidence", "--week", WEEKS[1], "--out", bank.home / "evidence.zip")


def summary(bank: Bank) -> Cost:
    """Summarise the newest week."""
    return bank.run("summary")


def explain(bank: Bank) -> Cost:
    """Explain the access of one person."""
    return bank.run("explain", "1001")


def requests(bank: Bank) -> Cost:
    """Write the requests for the ticket system."""
    return bank.run("requests", "--system", "json")


def causes(bank: Bank) -> Cost:
    """List the causes of the newest week."""
    return bank.run("causes")


def resolve(bank: Bank) -> Cost:
    """Resolve the persona that a joiner would get."""
    return bank.run("resolve", "--management-level", "VP", "--cost-center", "CC-1000")


def mine(bank: Bank) -> Cost:
    """Propose changes of personas."""
    return bank.run("mine")


def accounts(bank: Bank) -> Cost:
    """Search for the owners of accounts that HR does not know."""
    return bank.run("accounts")


def train(bank: Bank) -> Cost:
    """Learn mappings, and list whose persona would change."""
    return bank.run("train", "--diff")


def prune(bank: Bank) -> Cost:
    """Search for weeks that are older than the two kept ones."""
    return bank.run("prune", "--keep-weeks", len(WEEKS))


def audit(bank: Bank) -> Cost:
    """Check the chain of the audit log."""
    return bank.run("audit", "verify")


COMMANDS: dict[str, Callable[[Bank], Cost]] = {
    function.__name__: function
    for function in (
        *(load, build, nothing_new, check, rebuild_two_weeks, prune, verify, audit),
        *(publish, publish_again, report, evidence, requests, why_changed, impact),
        *(summary, explain, causes, resolve, mine, accounts, train),
    )
}


def compared(cost: Cost, beside: Cost) -> str:
    """Return how much more or less a command costs than in the other checkout."""
    ratio = cost.cpu / beside.cpu
    return f" = {ratio:5.2f} times {beside.cpu:.1f} s" + (" SLOWER" if ratio > _SLOWER else "")


def main() -> None:
    """Create the home, run all commands, print the cost of each, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--command", choices=COMMANDS, nargs="+", default=list(COMMANDS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, required=True, help="folder for everything written")
    parser.add_argument("--results", type=Path, help="add the measures to this JSON file")
    parser.add_argument(
        "--beside", type=Path, help="another checkout, of a release, to compare costs with"
    )
    given = parser.parse_args()
    if "build" not in given.command:
        sys.exit("Add --command build: without it, there is nothing to compare with.")
    banks = {"here": Bank(given.work, given.size)}
    if given.beside:
        banks["beside"] = Bank(given.work / "beside", given.size, given.beside.absolute())
    costs: dict[str, dict[str, list[Cost]]] = {where: defaultdict(list) for where in banks}
    for bank in banks.values():
        # The first command after a change makes dbt parse the project, which is not the command's
        # own cost.
        bank.start_over()
        build(bank)
    for run in range(1, given.runs + 1):
        for name in given.command:
            for where, bank in banks.items():
                bank.start_over()
                cost = COMMANDS[name](bank)
                costs[where][name].append(cost)
                say(
                    f"{given.size} run {run}: {name:20} {cost.wall:8.1f} s wall"
                    f" {cost.cpu:8.1f} s CPU {cost.peak_mb:8.0f} MB {where}"
                )
    one_build = median(costs["here"]["build"])
    for name, taken in costs["here"].items():
        cost = median(taken)
        say(
            f"{name:20} {cost.cpu:8.1f} s CPU = {cost.cpu / one_build.cpu:5.2f} builds"
            + (compared(cost, median(costs["beside"][name])) if given.beside else "")
        )
    if given.results:
        keep(
            given.results,
            [
                {"size": given.size, "rows": 0, "step": f"command_{name}", "runs": given.runs}
                | asdict(median(taken))
                for name, taken in costs["here"].items()
            ],
        )


if __name__ == "__main__":
    main()
