"""Clean text in one way everywhere: keys and attributes, in the loader, staging and `train`.

Invisible characters are removed, any white space counts as a blank, blanks and line breaks at the
ends are removed, and letters are composed (NFC). `macros/cleaning/invisible_signs.sql` lists the
same characters for seeds; a test compares the two.
"""

from __future__ import annotations

import re
import unicodedata

# White space that counts as a blank. Line breaks are kept: a value can have several lines.
BLANKS = (
    "\t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000"
)
# Zero width, soft hyphen, direction marks, joiners, variation selectors, fillers, byte order mark.
INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    + "".join(map(chr, range(0x180B, 0x1810)))
    + "".join(map(chr, range(0x200B, 0x2010)))
    + "".join(map(chr, range(0x202A, 0x202F)))
    + "".join(map(chr, range(0x2060, 0x2070)))
    + "\u2800\u3164"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "\ufeff\uffa0\ufff9\ufffa\ufffb"
)
_BLANK = re.compile(f"[{re.escape(BLANKS)}]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ENDS = " \n\r"


def clean_text(text: str | None) -> str | None:
    """Return the cleaned text that is compared and stored; None when nothing is left."""
    if text is None:
        return None
    text = _BLANK.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text).strip(_ENDS) or None


def clean_sql(value: str) -> str:
    """Return the SQL expression of DuckDB that cleans text as `clean_text` does."""
    return (
        f"nullif(trim(nfc_normalize(regexp_replace(regexp_replace({value}, "
        f"'[{INVISIBLE}]', '', 'g'), '[{BLANKS}]', ' ', 'g')), '{_ENDS}'), '')"
    )


def may_be_unclean_sql(
    value: str, *, with_control_signs: bool = True, with_breaks: bool = True
) -> str:
    """Return a cheap DuckDB condition that is false only for text that needs no cleaning.

    The caller can state that the values have no control characters, or no tabs and line breaks;
    this saves most of the cost.
    """
    breaks = (
        f" or contains({value}, chr(9)) or ends_with({value}, chr(10)) "
        f"or ends_with({value}, chr(13))"
        if with_breaks
        else ""
    )
    signs = f" or regexp_matches({value}, '[\\x00-\\x1F]')" if with_control_signs else ""
    return (
        f"(strlen({value}) <> length({value}) or {value} < '!' or {value} like '% '{breaks}{signs})"
    )
