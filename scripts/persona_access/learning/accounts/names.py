"""How account ids are made of names: one spelling of each name, nicknames, and patterns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from nicknames import NickNamer
from text_unidecode import unidecode

# German and Nordic spellings that are as common as the bare letter.
_LONG_FORMS = str.maketrans(
    {sign: f"{letter}e" for sign, letter in zip("äöüø", "aouo", strict=True)}
    | {"å": "aa", "ß": "ss"}
)
_NOT_LETTERS = re.compile(r"[^a-z]+")
_SPLIT = re.compile(r"[\s.,_'\u2019\-]+")
# Titles and particles that account ids leave out as a rule.
_NOT_NAMES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "jr",
        "sr",
        "ii",
        "iii",
        "van",
        "von",
        "de",
        "der",
        "den",
        "del",
        "la",
        "le",
        "da",
        "dos",
        "di",
        "bin",
        "al",
        "el",
    ]
)
# What the list of English nicknames lacks: other languages, and some short forms.
_MORE_NICKNAMES = """
alexander sasha xander; alexandra sasha; antonio toni; barbara barb; catherine kate katie;
christopher topher; dmitri dima; dmitry dima; evgeny zhenya eugene; francisco paco pancho;
guillermo memo; ivan vanya; johannes hans jo; jose pepe; katherine katie; katharina kathi; luis
lucho; maria masha mia; mikhail misha; nikolai kolya; olga olya; robert bert; sebastian basti;
sergei seryozha; susan suzy; susanne susi; vladimir vova; william liam
"""
_NICKNAMES: dict[str, set[str]] = defaultdict(set)
_FORMAL_NAMES: dict[str, set[str]] = defaultdict(set)
for _full, *_shorts in (entry.split() for entry in _MORE_NICKNAMES.split(";")):
    for _short in _shorts:
        _NICKNAMES[_full].add(_short)
        _FORMAL_NAMES[_short].add(_full)
_ENGLISH = NickNamer()


def nicknames_of(name: str) -> list[str]:
    """List what somebody of this name, in plain letters, is called for short."""
    return sorted(_ENGLISH.nicknames_of(name) | _NICKNAMES.get(name, set()))


def formal_names_of(name: str) -> list[str]:
    """List the names that this one, in plain letters, is short for."""
    return sorted(_ENGLISH.canonicals_of(name) | _FORMAL_NAMES.get(name, set()))


def spellings(name: str) -> list[str]:
    """Write a name in plain letters: each letter bare, and where usual in its long form."""
    lower = name.strip().lower()
    plain = _NOT_LETTERS.sub("", unidecode(lower).lower())
    long_form = _NOT_LETTERS.sub("", unidecode(lower.translate(_LONG_FORMS)).lower())
    return [one for one in dict.fromkeys((plain, long_form)) if one]


def name_parts(full_name: str) -> list[list[str]]:
    """Split a full name into its parts, each with its spellings; `Last, First` is turned."""
    before, comma, after = full_name.partition(",")
    turned = f"{after} {before}" if comma and after.strip() else full_name
    parts = [spellings(part) for part in _SPLIT.split(turned)]
    named = [part for part in parts if part]
    return [part for part in named if part[0] not in _NOT_NAMES] or named


def patterns(full_name: str) -> Iterator[tuple[str, str]]:
    """Write the letters of account ids that a name may become, each with the kind of pattern."""
    parts = name_parts(full_name)
    if not parts:
        return
    if len(parts) == 1:
        for one in parts[0]:
            yield one, "one_name"
        return
    # Whoever has several first or last names is known by one of them, or by all.
    firsts, lasts = [*parts[0]], [*parts[-1]]
    if len(parts) > 2:
        firsts.append(parts[0][0] + parts[1][0])
        lasts += [one for part in parts[1:-1] for one in part]
        lasts += ["".join(part[0] for part in parts[start:]) for start in range(1, len(parts) - 1)]
    # HR may have either form, and the account the other.
    nicknames = [
        other for first in firsts for other in (*nicknames_of(first), *formal_names_of(first))
    ]
    middle = parts[1][0][0] if len(parts) > 2 else ""
    for last in lasts:
        for first in firsts:
            yield first + last, "full_name"
            yield last + first, "full_name"
            yield first[0] + last, "initial_and_last"
            yield last + first[0], "initial_and_last"
            if middle:
                yield first[0] + middle + last, "initial_and_last"
            yield first + last[0], "first_and_initial"
            # HR may write the last name first.
            yield last[0] + first, "first_and_initial"
            yield first[:2] + last[:4], "shortened"
            yield first[:3] + last[:3], "shortened"
            yield last[:5] + first[:2], "shortened"
            yield last[:6] + first[0], "shortened"
            yield first[0] + last[:7], "shortened"
        for short in nicknames:
            yield short + last, "nickname"
            yield last + short, "nickname"
        yield last, "one_name"
    for first in firsts:
        yield first, "one_name"


def letters_of(text: str) -> str:
    """Keep the letters of an account id or the part of a mail address before the @."""
    return _NOT_LETTERS.sub("", unidecode(text.partition("@")[0]).lower())


def digits_of(text: str) -> str:
    """Keep the last run of digits of an account id, without leading zeros."""
    runs = re.findall(r"\d+", text.partition("@")[0])
    return runs[-1].lstrip("0") if runs else ""
