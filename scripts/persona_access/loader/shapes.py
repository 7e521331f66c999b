"""The shapes of keys: what a BRID, the holder of an account and an application id look like.

`normalise_brid` and `normalise_holder` of the macros accept the same; a test compares them.
"""

from __future__ import annotations

from typing import Literal

from persona_access.loader.session import text

MAX_KEY_LENGTH = 200
_BRID = "B?[0-9]+|[A-Z0-9][A-Z0-9._-]*"
_NAME = r"""[^\x00-\x20"'=+#*?!(),;:|.<>{}-][^\x00-\x1F"|;<>{}?*]*"""
# DOMAIN\name, a mail address, a managed account, a name with accents; also .\name, #name,
# (kind) name, and an identifier in braces.
_HOLDER = (
    rf"{_NAME}|[.]\\{_NAME}|#[A-Z][A-Z0-9._$ -]*|[(][A-Z0-9 ._-]+[)] ?{_NAME}"
    "|[{][0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}[}]"
)
# What a spreadsheet shows where a value is not to be had, in a few languages.
_NOT_AVAILABLE = "#(N/?A|NV|N/?D|GETTING_DATA)"
_APPLICATION = r"""[^\x00-\x20"'=+#*?!,;:|-][^\x00-\x1F"|]*"""
_DECIMAL = r"[+-]?[0-9]+[.,][0-9]*"
_SCIENTIFIC = r"[+-]?[0-9]+([.,][0-9]*)?E[+-]?[0-9]+"
# An application may well be called 7E2.
_SURELY_SCIENTIFIC = r"[+-]?[0-9]+([.,][0-9]*E[+-]?|E[+-])[0-9]+"
_NUMBER_LIKE = r"[0-9][0-9.,'E+ -]*[.,'+ -][0-9.,'E+ -]*"
_GUARDED = r"""'.*|="?.*"""
# They look like a key, and equal none: full width, digits of other alphabets, a letter like B.
_FULL_WIDTH = r".*[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}].*"
_OTHER_ALPHABET = r"(B|[^\x00-\x7F])?\p{N}+"
# A spreadsheet takes 1-2 and MAR1 for dates, and a column of another type has no keys at all.
_OTHER_TYPE = r"TRUE|FALSE|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?"


def shape_complaint(
    key: Literal["brid", "holder", "application"], value: str
) -> list[tuple[str, str]]:
    """Return conditions that are true of a value that cannot be the key, and what to say then."""
    upper = f"upper({value})"
    shape, what = {
        "brid": (_BRID, "no BRID: letters and digits, with . _ - within"),
        "holder": (
            f"{_BRID}|{_HOLDER}",
            "neither a BRID nor a name of a directory, such as DOMAIN\\name or a mail address",
        ),
        "application": (_APPLICATION, "no application id: it starts with a letter or a digit"),
    }[key]
    return [
        (
            _matches(upper, _DECIMAL),
            "a number with decimals, as data frames write it: export the column as text.",
        ),
        (
            _matches(upper, _SURELY_SCIENTIFIC if key == "application" else _SCIENTIFIC),
            "a number in scientific notation, whose digits are lost: export the column as text.",
        ),
        (
            _matches(upper, _GUARDED),
            "guarded against Excel by an apostrophe or a formula: export it without.",
        ),
        (
            _matches(upper, _OTHER_TYPE),
            "a date or a truth value, as spreadsheets make of a key: export the column as text.",
        ),
        (
            _matches(upper, _FULL_WIDTH),
            "in letters or digits of full width: export it in those of ASCII.",
        ),
        *(
            [
                (_matches(upper, _NOT_AVAILABLE), "an error of a spreadsheet."),
                (
                    f"{_matches(upper, _OTHER_ALPHABET)} and not {_matches(upper, _BRID)}",
                    "a number in digits, or behind a letter, of another alphabet.",
                ),
                (
                    f"{_matches(upper, _NUMBER_LIKE)} and not {_matches(upper, _BRID)}",
                    "a number with other characters between its digits.",
                ),
            ]
            if key == "holder"
            else []
        ),
        (f"len({value}) > {MAX_KEY_LENGTH}", f"longer than {MAX_KEY_LENGTH} characters."),
        (f"not {_matches(upper, shape)}", f"{what}."),
    ]


def _matches(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, {text(pattern)})"


def is_brid_sql(value: str) -> str:
    """Return a condition that is true of a text with the shape of a BRID."""
    return _matches(f"upper({value})", _BRID)
