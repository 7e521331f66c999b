"""Refuse paths with characters to which SQL, globs and addresses give another meaning."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.printable import printable

_REFUSED = "'\"#?*[]{}\\"


def refuse_unusable(folders: Iterable[Path]) -> None:
    """Raise SettingsError for a path that DuckDB or dbt would misread."""
    for folder in folders:
        text = str(folder)
        signs = sorted({sign for sign in text if sign in _REFUSED or not sign.isprintable()})
        if signs:
            raise SettingsError(
                f"The path {printable(text)} has {' '.join(printable(sign) for sign in signs)} "
                "in it, which SQL, globs and addresses misread: rename the folder or choose "
                "another; letters of any language, digits, spaces, - _ . , + are fine."
            )
