"""Check the shape of keys: BRIDs, holders of accounts, and application ids.

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
# Texts that a spreadsheet shows for a missing value, in a few languages.
_NOT_AVAILABLE = "#(N/?A|NV|N/?D|GETTING_DATA)"
_APPLICATION = r"""[^\x00-\x20"'=+#*?!,;:|-][^\x00-\x1F"|]*"""
_DECIMAL = r"[+-]?[0-9]+[.,][0-9]*"
_SCIENTIFIC = r"[+-]?[0-9]+([.,][0-9]*)?E[+-]?[0-9]+"
# 7E2 is a possible application id.
_SURELY_SCIENTIFIC = r"[+-]?[0-9]+([.,][0-9]*E[+-]?|E[+-])[0-9]+"
_NUMBER_LIKE = r"[0-9][0-9.,'E+ -]*[.,'+ -][0-9.,'E+ -]*"
_GUARDED = r"""'.*|="?.*"""
# Characters that look like those of a key but differ: full width, other alphabets' digits, a
# letter like B.
_FULL_WIDTH = r".*[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}].*"
_OTHER_ALPHABET = r"(B|[^\x00-\x7F])?\p{N}+"
# A spreadsheet reads 1-2 and MAR1 as dates, and a column of another type contains no keys.
_OTHER_TYPE = r"TRUE|FALSE|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?"


def shape_complaint(
    key: Literal["brid", "holder", "application"], value: str
) -> list[tuple[str, str]]:
    """Return SQL conditions for values that cannot be the key, each with its message."""
    upper = f"upper({value})"
    shape, what = {
        "brid": (_BRID, "not a BRID: a BRID has letters and digits, with . _ - between them"),
        "holder": (
            f"{_BRID}|{_HOLDER}",
            "neither a BRID nor a name of a directory, such as DOMAIN\\name or a mail address",
        ),
        "application": (
            _APPLICATION,
            "not an application id: it must start with a letter or a digit",
        ),
    }[key]
    return [
        (
            _matches(upper, _DECIMAL),
            "a number with decimals, as from a data frame: export the column as text.",
        ),
        (
            _matches(upper, _SURELY_SCIENTIFIC if key == "application" else _SCIENTIFIC),
            "a number in scientific notation, whose digits are lost: export the column as text.",
        ),
        (
            _matches(upper, _GUARDED),
            "protected from Excel by an apostrophe or a formula: export it without that.",
        ),
        (
            _matches(upper, _OTHER_TYPE),
            "a date or truth value into which a spreadsheet converted a key: export it as text.",
        ),
        (
            _matches(upper, _FULL_WIDTH),
            "in full-width letters or digits: export it in ASCII.",
        ),
        *(
            [
                (_matches(upper, _NOT_AVAILABLE), "a spreadsheet error."),
                (
                    f"{_matches(upper, _OTHER_ALPHABET)} and not {_matches(upper, _BRID)}",
                    "a number with digits, or a first letter, of another alphabet.",
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
    """Return an SQL condition that is true for text with the shape of a BRID."""
    return _matches(f"upper({value})", _BRID)
