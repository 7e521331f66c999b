"""Find the attributes of people that select the members of a role best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from persona_access.base.queries import Record

# The attributes that a mapping rule can use without conditions.
OF_RULES = (("management_level", "cost_center"), ("cost_center",))
_MAX_ATTRIBUTES = 2

Person = Mapping[str, str | None]


class Selections:
    """Counts of people by each attribute and each pair of attributes."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self._people = people
        names = sorted({name for person in people.values() for name in person})
        self.every = [
            chosen for size in range(1, _MAX_ATTRIBUTES + 1) for chosen in combinations(names, size)
        ]
        self._counts = {
            chosen: Counter(_values(person, chosen) for person in people.values())
            for chosen in {*self.every, *OF_RULES}
        }

    def best(self, members: Iterable[str], choices: Sequence[tuple[str, ...]]) -> Record:
        """Choose the conditions with the best mean of coverage and precision for these members.

        `conditions` has the values by attribute, `coverage` is the share of members that they
        select, and `precision` is the share of members among all selected people. Of two equally
        good results, the one with fewer conditions is chosen.
        """
        inside = [self._people[brid] for brid in members]
        found = []
        for chosen in choices:
            for values, n_inside in Counter(_values(one, chosen) for one in inside).items():
                # A missing value selects nobody.
                if None in values:
                    continue
                n_all = self._counts[chosen][values]
                score = 2 * n_inside / (n_all + len(inside))
                found.append((-score, len(chosen), chosen, values, n_inside, n_all))
        if not found:
            return {"conditions": {}, "coverage": 0.0, "precision": 0.0}
        _, _, chosen, values, n_inside, n_all = min(found)
        return {
            "conditions": dict(zip(chosen, values, strict=True)),
            "coverage": round(n_inside / len(inside), 4),
            "precision": round(n_inside / n_all, 4),
        }


def _values(person: Person, chosen: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(person.get(name) for name in chosen)
