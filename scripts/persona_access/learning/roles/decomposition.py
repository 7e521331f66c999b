"""Find few roles from scratch that give exactly the access that people hold.

A role is a set of people and a set of applications that all of them hold, a biclique. The greedy
cover takes the person or application with the fewest access rows left to explain and the largest
role around it, as Ene et al. do ("Fast exact and heuristic methods for role minimization
problems", SACMAT 2008); several orders of ties are tried, and roles that others make superfluous
are removed. Small matrices are reduced first, as that paper does: an access row needs no role of
its own when every role that explains another row can explain it as well. Sets are bits of integers,
so that a comparison of sets is one operation.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Up to this many access rows, all pairs of them are compared.
_N_COMPARED = 4_000
# Access rows that all repairs together compare.
_N_REPAIRED = 4_000_000


@dataclass(frozen=True)
class Role:
    """People, and the applications that each of them holds; both as numbers, in order."""

    people: tuple[int, ...]
    applications: tuple[int, ...]


@dataclass(frozen=True)
class Decomposition:
    """Roles that together give all access, and a number of roles that no decomposition beats."""

    roles: list[Role]
    lower_bound: int


def decompose(
    pairs: Iterable[tuple[int, int]], *, restarts: int = 10, repairs: int = 3000, seed: int = 7
) -> Decomposition:
    """Find few roles for pairs of person and application; no role gives what a member lacks.

    `restarts` is how often the cover starts again with ties broken differently; `repairs` is how
    often a part of the roles is discarded and found again, less often for large matrices.
    """
    held: dict[int, int] = {}
    for person, application in pairs:
        held[person] = held.get(person, 0) | 1 << application
    groups, rows = _alike(held)
    if not rows:
        return Decomposition([], 0)
    columns = _transposed(rows)
    draws = random.Random(seed)  # noqa: S311 - repeatable, no secret
    best = _needed(_cover(rows, columns, None))
    for _ in range(restarts):
        best = min(best, _needed(_cover(rows, columns, draws)), key=len)
    cells = [(row, column) for row, held_by_row in enumerate(rows) for column in bits(held_by_row)]
    if len(cells) <= _N_COMPARED:
        best = min(best, _needed(_reduced_cover(rows, columns, cells)), key=len)
    bound = _lower_bound(rows, columns)
    for _ in range(min(repairs, _N_REPAIRED // len(cells))):
        if len(best) == bound:
            break
        kept = [role for role in best if draws.random() < draws.choice((0.5, 0.7, 0.9))]
        tried = _needed(_cover(rows, columns, draws, kept))
        best = tried if len(tried) <= len(best) else best
    roles = [
        Role(
            tuple(sorted(person for row in bits(members) for person in groups[row])),
            tuple(bits(applications)),
        )
        for members, applications in best
    ]
    roles.sort(key=lambda role: (-len(role.people) * len(role.applications), role.applications))
    return Decomposition(roles, bound)


def tradeoff(pairs: Sequence[tuple[int, int]], roles: Sequence[Role]) -> list[tuple[int, float]]:
    """Order roles by the access that they add: number of roles and share explained."""
    left = set(pairs)
    total = len(left)
    open_roles = {
        number: {(person, app) for person in role.people for app in role.applications}
        for number, role in enumerate(roles)
    }
    curve = [(0, 0.0)]
    while left and open_roles:
        number = min(open_roles, key=lambda one: (-len(open_roles[one] & left), one))
        gained = open_roles.pop(number) & left
        if not gained:
            break
        left -= gained
        curve.append((len(curve), 1 - len(left) / total))
    return curve


def bits(number: int) -> list[int]:
    """List the positions of the one bits of a number, lowest first."""
    places = []
    while number:
        lowest = number & -number
        places.append(lowest.bit_length() - 1)
        number ^= lowest
    return places


def _alike(held: dict[int, int]) -> tuple[list[list[int]], list[int]]:
    """Group people who hold the same access: they need the same roles."""
    groups: dict[int, list[int]] = {}
    for person in sorted(held):
        if held[person]:
            groups.setdefault(held[person], []).append(person)
    return list(groups.values()), list(groups)


def _transposed(rows: list[int]) -> dict[int, int]:
    columns: dict[int, int] = {}
    for number, row in enumerate(rows):
        for column in bits(row):
            columns[column] = columns.get(column, 0) | 1 << number
    return columns


def _cover(
    rows: list[int],
    columns: dict[int, int],
    draws: random.Random | None,
    kept: Sequence[tuple[int, int]] = (),
) -> list[tuple[int, int]]:
    """Cover all access with roles, from the person or application with least left to explain.

    `kept` are roles that already exist.
    """
    rows_left = dict(enumerate(rows))
    columns_left = dict(columns)
    for members, applications in kept:
        _explain(rows_left, members, applications)
        _explain(columns_left, applications, members)
    # Ties and near ties are broken differently each time.
    row_place = {one: draws.uniform(1, 1.5) if draws else 1.0 for one in rows_left}
    column_place = {one: draws.uniform(1, 1.5) if draws else 1.0 for one in columns_left}
    found = list(kept)
    while rows_left:
        row = min(rows_left, key=lambda one: (rows_left[one].bit_count() * row_place[one], one))
        column = min(
            columns_left,
            key=lambda one: (columns_left[one].bit_count() * column_place[one], one),
        )
        if rows_left[row].bit_count() <= columns_left[column].bit_count():
            members = _all_of(columns, bits(rows_left[row]))
        else:
            members = columns_left[column]
        applications = _all_of_rows(rows, members)
        members = _all_of(columns, bits(applications))
        found.append((members, applications))
        _explain(rows_left, members, applications)
        _explain(columns_left, applications, members)
    return found


def _reduced_cover(
    rows: list[int], columns: dict[int, int], cells: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Cover the access rows that no other row decides, each by the largest role around it."""
    number_of = {cell: number for number, cell in enumerate(cells)}
    fitting = [_fitting(rows, columns, cell, number_of) for cell in cells]
    open_cells = (1 << len(cells)) - 1
    needed = open_cells
    found = []
    while open_cells:
        # An omitted row is usually explained with the row for which it was omitted.
        needed = _undominated(fitting, needed & open_cells or open_cells)
        start = min(bits(needed), key=lambda one: ((fitting[one] & needed).bit_count(), one))
        inside, common = _together(fitting, 1 << start, fitting[start], needed)
        inside, _ = _together(fitting, inside, common, open_cells)
        wanted = 0
        for number in bits(inside):
            wanted |= 1 << cells[number][1]
        members = _all_of(columns, bits(wanted))
        applications = _all_of_rows(rows, members)
        found.append((members, applications))
        for row in bits(members):
            for column in bits(applications):
                open_cells &= ~(1 << number_of[row, column])
    return found


def _together(fitting: list[int], inside: int, common: int, asked: int) -> tuple[int, int]:
    """Add requested rows that fit with all rows inside; return them and what fits with all."""
    while candidates := common & asked & ~inside:
        added = max(
            bits(candidates), key=lambda one: ((fitting[one] & candidates).bit_count(), -one)
        )
        inside |= 1 << added
        common &= fitting[added]
    return inside, common


def _fitting(
    rows: list[int],
    columns: dict[int, int],
    cell: tuple[int, int],
    number_of: dict[tuple[int, int], int],
) -> int:
    """Find the access rows that fit into one role with a row, including itself."""
    row, column = cell
    found = 0
    for other_row in bits(columns[column]):
        for other_column in bits(rows[row] & rows[other_row]):
            found |= 1 << number_of[other_row, other_column]
    return found


def _undominated(fitting: list[int], needed: int) -> int:
    """Omit each row that fits wherever another needed row fits."""
    for number in bits(needed):
        if not needed >> number & 1:
            continue
        own = fitting[number] & needed
        for other in bits(own & ~(1 << number)):
            if not own & ~fitting[other]:
                needed &= ~(1 << other)
    return needed


def _explain(left: dict[int, int], keys: int, explained: int) -> None:
    for key in bits(keys):
        if key in left:
            rest = left[key] & ~explained
            if rest:
                left[key] = rest
            else:
                del left[key]


def _all_of(columns: dict[int, int], wanted: list[int]) -> int:
    members = columns[wanted[0]]
    for column in wanted[1:]:
        members &= columns[column]
    return members


def _all_of_rows(rows: list[int], members: int) -> int:
    numbers = bits(members)
    applications = rows[numbers[0]]
    for number in numbers[1:]:
        applications &= rows[number]
    return applications


def _needed(roles: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Omit roles whose access other roles give completely, the smallest first."""
    kept = list(roles)
    for role in sorted(roles, key=lambda one: one[0].bit_count() * one[1].bit_count()):
        others = [other for other in kept if other is not role]
        if all(not role[1] & ~_given(others, row) for row in bits(role[0])):
            kept = others
    return kept


def _given(roles: list[tuple[int, int]], row: int) -> int:
    given = 0
    for members, applications in roles:
        if members >> row & 1:
            given |= applications
    return given


def _lower_bound(rows: list[int], columns: dict[int, int]) -> int:
    """Count access rows of which no two fit into one role: each needs a separate role."""
    chosen: list[tuple[int, int]] = []
    pairs = [(row, column) for row, held in enumerate(rows) for column in bits(held)]
    # Rows that fit into few roles exclude little.
    pairs.sort(key=lambda pair: rows[pair[0]].bit_count() * columns[pair[1]].bit_count())
    for row, column in pairs:
        if all(
            not (rows[row] >> other_column & 1 and rows[other_row] >> column & 1)
            for other_row, other_column in chosen
        ):
            chosen.append((row, column))
    return len(chosen)
