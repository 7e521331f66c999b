"""How account ids are made from names: one spelling of each name, nicknames, and patterns."""

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
# Nicknames that the English list lacks: other languages, and some short forms.
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
# Chinese names have no spaces. The last name is first: one character, or one of these pairs.
_CHINESE = re.compile(r"[\u3400-\u9fff]{2,}")
_LONG_LAST_NAMES = ("欧阳", "歐陽", "司徒", "司马", "司馬", "诸葛", "諸葛", "上官", "夏侯", "皇甫")
# Cantonese and older spellings of frequent last names, in addition to the one that unidecode gives.
_MORE_READINGS = """
cai tsai choi choy; chen chan; cheng ching; gao kao ko; guo kwok kuo; he ho; hu woo wu; huang wong
hwang; jiang chiang; li lee lei; liang leung; lin lam lim; liu lau liew; luo law lo; ma mah;
ouyang auyeung; situ szeto; wang wong; wu ng; xie hsieh tse; xu hsu hui; yang yeung; ye yip yeh;
zhang chang cheung cheong; zhao chao chiu; zheng cheng tay; zhou chou chow; zhu chu
"""
_READINGS = {first: others for first, *others in map(str.split, _MORE_READINGS.split(";"))}
# Sounds that are spelled in several ways, in the order in which they are searched.
_SOUNDS = (
    (re.compile("shch|tsch|sch|tch|sh|kh|ch"), "h"),
    (re.compile("dzh|zh|dj"), "j"),
    (re.compile("(?<=[aeiou])j(?![aeiou])|(?<=i)j|j(?=[aeou])|y"), "i"),
    (re.compile("t[sz]"), "z"),
    (re.compile("ph"), "f"),
    (re.compile("gh"), "g"),
    (re.compile("th"), "t"),
    (re.compile("dh"), "d"),
    (re.compile("[cq]"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("[wb]"), "v"),
    (re.compile("ou|oo"), "u"),
    (re.compile("ei|ee|oi|i+(?![eo])"), "i"),
    (re.compile("i+(?=[eo])"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
# Letters with which Arabic writes a vowel at the start of a name.
_STARTING_VOWEL = re.compile("^[\u0622\u0623\u0625\u0627\u0639]")
# The Greek letter that sounds like u only after another vowel.
_GREEK_Y = re.compile("(?<![\u03bf\u03b1\u03b5])[\u03c5\u03cd]")
# Vowels, and letters that some scripts write like vowels or leave out.
_UNSTABLE = re.compile("[aeiouv]")


def nicknames_of(name: str) -> list[str]:
    """List the nicknames of a name in plain letters."""
    return sorted(_ENGLISH.nicknames_of(name) | _NICKNAMES.get(name, set()))


def formal_names_of(name: str) -> list[str]:
    """List the names of which this name, in plain letters, is a short form."""
    return sorted(_ENGLISH.canonicals_of(name) | _FORMAL_NAMES.get(name, set()))


def spellings(name: str) -> list[str]:
    """Write a name in plain letters: without accents and, where usual, in the long form."""
    lower = _GREEK_Y.sub("y", _STARTING_VOWEL.sub("a", name.strip().lower()))
    plain = _NOT_LETTERS.sub("", unidecode(lower).lower())
    long_form = _NOT_LETTERS.sub("", unidecode(lower.translate(_LONG_FORMS)).lower())
    return [one for one in dict.fromkeys((plain, long_form)) if one]


def name_parts(full_name: str) -> list[list[str]]:
    """Split a full name into its parts, each with its spellings; `Last, First` is turned around."""
    if _CHINESE.fullmatch(full_name.strip()):
        return _chinese_parts(full_name.strip())
    before, comma, after = full_name.partition(",")
    turned = f"{after} {before}" if comma and after.strip() else full_name
    parts = [spellings(part) for part in _SPLIT.split(turned)]
    named = [part for part in parts if part]
    return [part for part in named if part[0] not in _NOT_NAMES] or named


def _chinese_parts(full_name: str) -> list[list[str]]:
    length = 2 if full_name.startswith(_LONG_LAST_NAMES) and len(full_name) > 2 else 1
    last = spellings(full_name[:length])
    given = spellings(full_name[length:])
    return [given, last] if given else [last]


def sound_of(letters: str) -> str:
    """Write letters as they sound, the same for the usual transliterations of one name."""
    for found, sound in _SOUNDS:
        letters = found.sub(sound, letters)
    return letters


def consonants_of(sound: str) -> str:
    """Reduce a sound to its start and consonants, which transliterations and Arabic keep."""
    start = "a" if sound[:1] in {"a", "e", "i", "o", "u"} else sound[:1]
    kept = start + _UNSTABLE.sub("", sound[1:])
    return re.sub(r"(.)\1+", r"\1", kept.replace("j", "g"))


def sounds_of(full_name: str) -> Iterator[tuple[str, bool]]:
    """Yield the sounds of account ids that a name may become, and whether vowels may differ.

    A first name with an initial has too few letters left without vowels.
    """
    parts = name_parts(full_name)
    if len(parts) < 2:
        return
    first, last = sound_of(parts[0][0]), sound_of(parts[-1][0])
    for one, other in ((first, last), (last, first)):
        yield sound_of(one + other), True
    for one, other in ((first, last), (last, first)):
        yield sound_of(one[:1] + other), True
        yield sound_of(one + other[:1]), False


def patterns(full_name: str) -> Iterator[tuple[str, str]]:
    """Yield the letters of account ids that a name may become, each with the kind of pattern."""
    parts = name_parts(full_name)
    if not parts:
        return
    if len(parts) == 1:
        for one in parts[0]:
            yield one, "one_name"
        return
    # A person with several first or last names is known by one of them, or by all.
    firsts, lasts = [*parts[0]], [*parts[-1]]
    if len(parts) > 2:
        firsts.append(parts[0][0] + parts[1][0])
        lasts += [one for part in parts[1:-1] for one in part]
        lasts += ["".join(part[0] for part in parts[start:]) for start in range(1, len(parts) - 1)]
    # HR may have one form, and the account the other.
    nicknames = [
        other for first in firsts for other in (*nicknames_of(first), *formal_names_of(first))
    ]
    middle = parts[1][0][0] if len(parts) > 2 else ""
    # Last names are first or last in HR.
    firsts += [one for first in firsts[:1] for one in _READINGS.get(first, ())]
    lasts += [one for last in lasts[:1] for one in _READINGS.get(last, ())]
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
