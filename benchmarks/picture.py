"""Write the measures as a Markdown table and as a log-log chart of cost against size."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

NAMES = {
    "project": "project, all tests",
    "project_without_tests": "project, no tests",
    "yardstick": "hand-written DuckDB",
    "pandas_typical": "typical pandas",
    "pandas_tuned": "tuned pandas",
    "polars_lazy": "Polars",
    "spark_local": "PySpark, local",
    "scan_and_write": "scan and write only",
}


def main() -> None:
    """Read the results; write results.md and results.svg beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="JSON file that weekly_job.py wrote")
    given = parser.parse_args()
    measures = json.loads(given.results.read_text("utf-8"))
    newest = {(m["size"], m["step"]): m for m in measures}
    given.results.with_suffix(".md").write_text(table(measures), "utf-8")
    draw(list(newest.values()), measures, given.results.with_suffix(".svg"))


def table(measures: list[dict[str, Any]]) -> str:
    """Return a row for each size and step, with CPU seconds as multiples of the yardstick's."""
    yardstick = {(m["size"], m["commit"]): m["cpu"] for m in measures if m["step"] == "yardstick"}
    lines = [
        "| size | rows | step | runs | wall s | CPU s | x yardstick | peak MB | commit | machine |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for m in measures:
        beside = yardstick.get((m["size"], m["commit"]))
        ratio = f"{m['cpu'] / beside:.2f}" if beside else ""
        lines.append(
            f"| {m['size']} | {m['rows']:,} | {NAMES.get(m['step'], m['step'].replace('_', ' '))} "
            f"| {m['runs']} | {m['wall']:.1f} | {m['cpu']:.1f} | {ratio} | {m['peak_mb']:.0f} "
            f"| {m['commit']} | {m['machine']} |"
        )
    return "\n".join(lines) + "\n"


def draw(newest: list[dict[str, Any]], measures: list[dict[str, Any]], path: Path) -> None:
    """Draw CPU seconds against rows, with a line for each side, and each step over time."""
    # The same measures give the same bytes.
    mpl.rcParams["svg.hashsalt"] = "persona-access"
    figure, (by_rows, over_time) = plt.subplots(2, 1, figsize=(8, 11))
    for step, name in NAMES.items():
        points = sorted((m["rows"], m["cpu"]) for m in newest if m["step"] == step)
        if points:
            by_rows.plot(*zip(*points, strict=True), marker="o", label=name)
    by_rows.set(
        xscale="log", yscale="log", xlabel="pairs of employee and application", ylabel="CPU seconds"
    )
    # In the order in which they were measured.
    commits = list(dict.fromkeys(m["commit"] for m in measures))
    for size, step in dict.fromkeys((m["size"], m["step"]) for m in measures):
        if step not in (*NAMES, "load", "build") and not step.startswith("command_"):
            continue
        points = [
            (commits.index(m["commit"]), m["cpu"])
            for m in measures
            if (m["size"], m["step"]) == (size, step)
        ]
        if len(points) > 1 or step.startswith("command_"):
            name = NAMES.get(step, step.removeprefix("command_").replace("_", " "))
            over_time.plot(*zip(*points, strict=True), marker="o", label=f"{name}, {size}")
    over_time.set(xticks=range(len(commits)), yscale="log", ylabel="CPU seconds")
    over_time.set_xticklabels(commits)
    for axes in (by_rows, over_time):
        axes.grid(visible=True, which="both", alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    main()
