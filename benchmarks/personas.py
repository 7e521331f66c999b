"""Measure role mining, hidden rows of a persona list, and owners of accounts; draw the trade-off.

    .venv/bin/python benchmarks/personas.py roles docs/role_mining.svg
    .venv/bin/python benchmarks/personas.py accounts
    .venv/bin/python benchmarks/personas.py hidden ../shared/data/kubernetes 2026-06-01 0

The matrices and accounts are invented; the last line hides 20 % of the rows of a real persona list.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import vl_convert
from planted.accounts import invented_bank, messy_bank
from planted.roles import SHAPES, planted_matrix

from persona_access.learning.accounts.match import Matcher
from persona_access.learning.roles import likely_rows
from persona_access.learning.roles.decomposition import decompose, tradeoff
from persona_access.learning.roles.matrices import make_bank
from persona_access.questions.accounts import SUGGESTED_FROM


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


_NOISES = (0.0, 0.02, 0.05, 0.1)


def roles(picture: Path) -> None:
    """Print planted and found roles of each matrix; draw what a few roles explain under noise."""
    for shape in SHAPES:
        planted = planted_matrix(**shape)
        found = decompose(planted.pairs)
        _say(
            f"{planted.name}: {len(planted.pairs):,} accesses, {planted.n_roles} roles planted, "
            f"{len(found.roles)} found, at least {found.lower_bound} needed"
        )
    values = []
    for noise in _NOISES:
        planted = planted_matrix(**{**SHAPES[0], "people": 200, "noise": noise})
        found = decompose(planted.pairs, repairs=200)
        values += [
            {"roles": n_roles, "explained": explained, "noise": f"{noise:.0%} noise"}
            for n_roles, explained in tradeoff(planted.pairs, found.roles)
        ]
        _say(f"{noise:.0%} noise: {len(found.roles)} roles at full coverage")
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "width": 480,
        "height": 280,
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": {"field": "roles", "type": "quantitative", "title": "roles, best first"},
            "y": {
                "field": "explained",
                "type": "quantitative",
                "title": "access explained",
                "axis": {"format": ".0%"},
            },
            "color": {"field": "noise", "type": "nominal", "sort": None, "title": None},
        },
    }
    picture.write_text(vl_convert.vegalite_to_svg(spec), "utf-8")


def accounts() -> None:
    """Print how many owners of invented accounts are found, and how many suggestions are right."""
    banks = [
        (f"{people:,} people", invented_bank(people=people, orphans=400, seed=seed))
        for people, seed in ((500, 1), (2_000, 2), (5_000, 3))
    ] + [
        (f"{people:,} people, {mess}", messy_bank(mess=mess, people=people, orphans=400, seed=seed))
        for mess in ("renamed", "transliterated")
        for people, seed in ((500, 1), (500, 5), (2_000, 2), (2_000, 6))
    ]
    for name, bank in banks:
        matcher = Matcher(bank.people, bank.known)
        answers = [(matcher.best(account), brid) for account, brid in bank.orphans]
        suggested = [
            (found, brid)
            for found, brid in answers
            if found and found.probability >= SUGGESTED_FROM
        ]
        right = sum(found.brid == brid for found, brid in suggested)
        n_owned = sum(brid is not None for _, brid in answers)
        _say(f"{name}: {right / len(suggested):.1%} right, {right / n_owned:.1%} found")


def hidden(folder: Path, week: str, seed: int) -> None:
    """Hide 20 % of the rows of a persona list; print how many the fixed rule and the trees find."""
    connection = duckdb.connect()

    def rows(feed: str, columns: str) -> list[tuple[str, ...]]:
        file = folder / f"{feed}_{week}.csv.gz"
        return connection.execute(
            f"select {columns} from read_csv('{file}', all_varchar = true)"  # noqa: S608
        ).fetchall()

    people = {
        brid
        for brid, status in rows("hr_headcount", "brid, employment_status")
        if status == "active"
    }
    columns = "brid, application_id, is_privileged, entitlement, application_name"
    held = [row for row in rows("iam_app_registry", columns) if row[0] in people]
    columns = "persona_id, application_id, persona_name, is_baseline"
    listed = sorted(set(rows("persona_list", columns)))
    members = {row for row in rows("persona_members", "brid, persona_id") if row[0] in people}
    baselines = {row[0] for row in listed if row[3].lower() == "true"}
    draws = np.random.default_rng(seed)
    hidden_rows = {row[:2] for row in listed if draws.random() < 0.2}
    bank = make_bank(
        members=members | {(brid, persona) for brid in people for persona in baselines},
        grants=[(*row[:2], f"{row[2]} {row[3]}") for row in held],
        listed=[row[:2] for row in listed if row[:2] not in hidden_rows],
        persona_names={row[0]: row[2] for row in listed},
        application_names={row[1]: row[4] for row in held},
    )
    scores = likely_rows.score(bank)
    found = [
        (likelihood, (bank.personas[persona], bank.applications[application]) in hidden_rows)
        for persona, application, likelihood, is_listed in zip(
            scores.persona, scores.application, scores.likelihood, scores.is_listed, strict=True
        )
        if not is_listed
    ]
    shares = (bank.members.T @ bank.held).toarray() / np.maximum(
        bank.members.sum(axis=0)[:, None], 1
    )
    fixed = [
        (bank.personas[persona], bank.applications[application]) in hidden_rows
        for persona, application in zip(
            *((shares >= 0.8) & (bank.listed.toarray() == 0)).nonzero(), strict=True
        )
    ]
    n_hidden = len(hidden_rows)
    _say(f"held by 80 %: {sum(fixed) / n_hidden:.1%} found, {np.mean(fixed):.1%} right")
    for least in (likely_rows.MIN_LIKELIHOOD, 0.6, 0.8):
        chosen = [is_right for likelihood, is_right in found if likelihood >= least]
        _say(
            f"likelihood {least:.0%}: {sum(chosen) / n_hidden:.1%} found, "
            f"{np.mean(chosen):.1%} right"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["roles", picture]:
            roles(Path(picture))
        case ["accounts"]:
            accounts()
        case ["hidden", folder, week, seed]:
            hidden(Path(folder), week, int(seed))
        case _:
            sys.exit(__doc__)
