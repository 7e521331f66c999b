"""Newcomers: people who arrived after nearly all people whose persona is known.

They are an assurance group of their own: codes and titles change, and what is true for people who
have been here for years need not be true for them. Evidence reaches as far ahead as it reaches
back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from persona_access.learning.observations import Bools, Floats, Ints, Observations

# The share of the known people used to measure newcomers, and how far ahead the result reaches.
_SHARE = 1 / 5
# A person hired later than this share of the known people is new; one late hire date must not
# decide.
_NEARLY_ALL = 0.99
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Newcomers:
    """The newcomers with an assurance: hired after `since` and arrived up to `until` (ISO dates).

    Whom HR had only after `learned_until`, the last extract of the training, is a newcomer
    whatever the hire date says, and arrived on that day. People who arrived after `until` are
    assured nothing; if `until` is empty, no newcomer is assured anything.
    """

    since: str = ""
    until: str = ""
    learned_until: str = ""

    def are(self, hired: str | None, seen: str | None = None) -> bool:
        """Return whether a person who was hired and first seen on these dates is a newcomer."""
        return self._is_seen_since(seen) or bool(self.since and hired and hired > self.since)

    def precision(
        self, assured: float, of_newcomers: float, hired: str | None, seen: str | None = None
    ) -> float:
        """Return which of two assured precisions counts for a person with these dates."""
        if not self.are(hired, seen):
            return assured
        arrived = seen if self._is_seen_since(seen) else hired
        return of_newcomers if str(arrived) <= self.until else 0.0

    def _is_seen_since(self, seen: str | None) -> bool:
        return bool(self.learned_until and seen and seen > self.learned_until)


def newcomer_fold(people: Observations) -> Ints:
    """Put the newcomers, the last to arrive, in fold 0; everybody else is never held out (-1).

    Nobody is a newcomer if HR sends neither several weeks nor hire dates.
    """
    return np.where(_are_last(_arrivals(people)), 0, -1).astype(np.int64)


def newcomers_of(people: Observations) -> Newcomers:
    """Return who is a newcomer to these known people, and how far ahead evidence reaches."""
    hired = people.hire_day[~np.isnan(people.hire_day)]
    known = hired if 2 * len(hired) >= len(people) else people.first_day
    since = float(np.quantile(known, _NEARLY_ALL, method="lower"))
    arrivals = _arrivals(people)
    last = arrivals[_are_last(arrivals)]
    if not len(last):
        return Newcomers(_iso(since))
    reach = float(np.quantile(last, _NEARLY_ALL, method="lower")) - float(last.min())
    return Newcomers(_iso(since), _iso(since + reach))


def _arrivals(people: Observations) -> Floats:
    """Return the day on which each person arrived, -inf if unknown.

    People who are in the first extract with the same attributes arrived when they were hired; all
    others, when they were first seen.
    """
    is_seen_later = people.first_day > people.first_day.min()
    arrival = np.where(is_seen_later, people.first_day, people.hire_day)
    return np.where(np.isnan(arrival), -np.inf, arrival)


def _are_last(arrivals: Floats) -> Bools:
    latest = np.sort(arrivals)[-max(1, int(len(arrivals) * _SHARE))]
    return np.asarray((arrivals >= latest) & (arrivals > -np.inf))


def _iso(day: float) -> str:
    return (_EPOCH + dt.timedelta(days=int(day))).isoformat()
