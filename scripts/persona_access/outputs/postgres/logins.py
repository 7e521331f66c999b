"""Read the approved, dated list of database logins and their BRIDs; each target has a file."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from persona_access.base.errors import SettingsError

COLUMNS = ("login", "brid", "valid_from", "valid_to", "approved_by", "approved_on", "rationale")
# PostgreSQL silently truncates longer names.
_MAX_NAME_BYTES = 63
# Alphabets with letters that look the same.
_LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"}
_MAY_BE_EMPTY = {"valid_to"}
# A BRID in the spelling of the marts: another spelling would match nobody, or count a person
# twice.
_BRID = re.compile(r"(?!B?[0-9]+$)[A-Z0-9][A-Z0-9._-]*|0|[1-9][0-9]*")


@dataclass(frozen=True)
class Login:
    """A login that acts for a BRID from one day to another, or until further notice."""

    name: str
    brid: str
    valid_from: date
    valid_to: date | None
    approved_by: str


def read_logins(file: Path) -> list[Login]:
    """Read the list; it is empty if there is no file.

    Raises SettingsError for the first invalid row.
    """
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise SettingsError(f"{file}: the header must be {','.join(COLUMNS)}.")
        logins = [_login(f"{file}, line {reader.line_num}", row) for row in reader]
    names = [login.name for login in logins]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise SettingsError(
            f"{file}: '{min(doubled)}' occurs twice; a login belongs to one person, so change "
            "the row instead of adding one."
        )
    return logins


def _can_be_taken_for_another(login: str) -> bool:
    alphabets = {unicodedata.name(sign, "").split()[0] for sign in login if sign.isalpha()}
    return (
        len(alphabets & _LOOK_ALIKE) > 1
        or not login.isprintable()
        or unicodedata.normalize("NFKC", login) != login
    )


def _login(where: str, row: dict[str, str]) -> Login:
    values = {column: (row[column] or "").strip() for column in COLUMNS}
    if empty := [name for name in COLUMNS if not values[name] and name not in _MAY_BE_EMPTY]:
        raise SettingsError(f"{where}: '{empty[0]}' is empty.")
    for name in ("brid", "approved_by"):
        if not _BRID.fullmatch(values[name]):
            raise SettingsError(
                f"{where}: '{values[name]}' is not a valid BRID as the marts write "
                "it: upper case, digits without leading zeros or a B before them."
            )
    if values["approved_by"] == values["brid"]:
        raise SettingsError(f"{where}: the login's own person must not approve it.")
    try:
        valid_from, valid_to, approved_on = (
            date.fromisoformat(values[name]) if values[name] else None
            for name in ("valid_from", "valid_to", "approved_on")
        )
    except ValueError as error:
        raise SettingsError(f"{where}: {error}; write dates as 2026-12-31.") from error
    assert valid_from  # noqa: S101 - an empty one was refused
    if approved_on and approved_on > datetime.now(UTC).date() + timedelta(days=1):
        raise SettingsError(f"{where}: approved_on is in the future.")
    if len(values["login"].encode()) > _MAX_NAME_BYTES:
        raise SettingsError(
            f"{where}: the login is longer than {_MAX_NAME_BYTES} bytes; PostgreSQL would "
            "truncate it, and give its rows to the login with the truncated name."
        )
    if _can_be_taken_for_another(values["login"]):
        raise SettingsError(
            f"{where}: the login '{ascii(values['login'])[1:-1]}' can be confused with "
            "another: it mixes alphabets, or has invisible or look-alike characters. Give the "
            "role a name in one alphabet."
        )
    if valid_to and valid_to < valid_from:
        raise SettingsError(f"{where}: valid_to is before valid_from.")
    return Login(values["login"], values["brid"], valid_from, valid_to, values["approved_by"])
