"""Replace people with pseudonyms in records that outlive their data, such as logs.

A pseudonym is an HMAC with a key of the home. A log alone reveals no BRID, and a person has the
same pseudonym in every log of a home. Columns that never name people are declared: `privacy: none`
of a mart's column, and the columns that tests add. Every other value of a row is replaced, even if
it is unknown.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from persona_access.base.encryption import encryption_key
from persona_access.base.settings import Settings

PREFIX = "person-"
_KEY_FILE = "pseudonym_key"
# Columns that the project's tests add to those of the models, and that never name a person.
OF_TESTS = frozenset(
    [
        *("gate", "law", "page", "thing", "thing_type", "what", "word", "condition"),
        *("table_name", "key_columns", "column_name", "snapshot_name", "seed_name"),
        *("one_spelling", "another_spelling", "example_cell", "rule_id", "waiver_id"),
    ]
)
_FIGURE = re.compile(
    r"(n|is|has|max|min|share)_\w+|\w+_(date|on|at|days|share|rate|number|version|from|to)"
    r"|extract_date_before|median_deviation|confidence|priority|version"
)
# The key of a decision in these seeds is the person that it is about.
NAMED_BY_A_PERSON = frozenset(
    [
        *("account_owners", "non_human_accounts", "persona_feedback", "review_delegates"),
        "sod_mitigations",
    ]
)
_ROW = re.compile(
    r"^(?P<lead>\s*(?:failed: |warning: )?(?P<test>\w+): )(?P<row>\w+ = .*)$", re.DOTALL
)
_VALUE = re.compile(r"(?P<name>\w+) = (?P<value>.*?)(?=, \w+ = |$)", re.DOTALL)
# The form in which the loader shows an unreadable value.
_AS_DELIVERED = re.compile(r"\b(?P<name>[a-z]\w*) is '(?P<value>.*)'", re.DOTALL)
# Names of ticket files identify nobody: `requests --read` creates them, and people must find them.
_LIST = re.compile(
    r"\breview_decisions_(?!tickets_(servicenow|jira)_\d)"
    r"(?P<brid>[^\s/'\"]+?)_(?=\d{4}-\d{2}-\d{2})"
)
# Engine errors that quote data; other errors quote only names of tables and columns.
_QUOTING = re.compile(
    r"(Conversion|Constraint|Invalid Input|Out of Range) Error|invalid input syntax|duplicate key"
    r"|out of range|violates|Could not convert|Failing row|Failed to cast",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|(?<==)\([^)]*\)|(?<=contains )\([^)]*\)")


@cache
def _declared(models: Path) -> frozenset[str]:
    """Return the columns that are declared to name nobody, and are not declared otherwise."""
    privacy: dict[str, set[str]] = {}
    for file in sorted(models.rglob("*.yml")):
        text = file.read_text("utf-8")
        # Half of the files declare none, and parsing a file takes some milliseconds.
        document = yaml.load(text, Loader=yaml.CSafeLoader) or {} if "privacy:" in text else {}
        for model in document.get("models") or []:
            for column in model.get("columns") or []:
                meta = column.get("config", {}).get("meta", {})
                privacy.setdefault(column["name"], set()).add(meta.get("privacy", ""))
    return frozenset(name for name, said in privacy.items() if said - {""} == {"none"})


class Pseudonyms:
    """Replaces text that can name a person; `key` is the secret of the home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, identifier: object) -> str:
        """Return the pseudonym of an identifier, ignoring case."""
        text = str(identifier).strip().upper()
        return f"{PREFIX}{hmac.digest(self._key, text.encode(), 'sha256').hex()[:12]}"

    def find(self, pseudonym: str, identifiers: Iterable[str]) -> str | None:
        """Return which of these identifiers a pseudonym stands for, or None."""
        return next((text for text in identifiers if self.of(text) == pseudonym), None)

    def hide(self, text: str) -> str:
        """Replace what can name a person in a message of a test, the loader or an engine."""
        found = _ROW.match(text)
        if found:
            is_own = found["test"].startswith("assert_")
            text = found["lead"] + self._row(found["row"], is_own=is_own)
        else:
            text = _AS_DELIVERED.sub(self._as_delivered, text)
            if _QUOTING.search(text):
                text = _QUOTED.sub(lambda quoted: self.of(quoted[0][1:-1]), text)
        return _LIST.sub(lambda name: f"review_decisions_{self.of(name['brid'])}_", text)

    def hide_all(self, value: Any) -> Any:
        """Replace what can name a person in every text of a JSON value, including keys."""
        match value:
            case str():
                return self.hide(value)
            case Path():
                return self.hide(str(value))
            case Mapping():
                return {self.hide(str(name)): self.hide_all(each) for name, each in value.items()}
            case list() | tuple():
                return [self.hide_all(each) for each in value]
        return value

    def is_clear(self, column: str) -> bool:
        """Return whether a column of this name never names a person."""
        return (
            column in OF_TESTS
            or column in _declared(self._settings.models)
            or bool(_FIGURE.fullmatch(column))
        )

    def _row(self, row: str, *, is_own: bool) -> str:
        """Replace the values of a row that failed a test; `is_own` marks a test of this project."""
        values = [(found["name"], found["value"]) for found in _VALUE.finditer(row)]
        said = dict(values)

        def is_shown(name: str) -> bool:
            # In our own tests the reason is a constant sentence of the SQL.
            return (name == "reason" and is_own) or self._is_shown(name, said)

        return ", ".join(
            f"{name} = {value if is_shown(name) else self._each(name, value)}"
            for name, value in values
        )

    def _each(self, name: str, value: str) -> str:
        return " ".join(map(self.of, value.split(" ") if name == "examples" else [value]))

    def _is_shown(self, name: str, row: Mapping[str, str]) -> bool:
        match name:
            case "value_found" if row.get("seed_name") not in NAMED_BY_A_PERSON:
                # Clear only if the columns in which it was found are clear.
                columns = row.get("column_name", "").split(", ")
                return all(self.is_clear(column) for column in columns)
            case "value_found":
                return False
            case "decision_id":
                return row.get("seed_name") not in NAMED_BY_A_PERSON
            case "examples":
                # For this gate, these values are row counts.
                return row.get("gate") == "unreadable_keys"
            case "file_name":
                # `hide` replaces the BRID in it.
                return True
        return self.is_clear(name)

    def _as_delivered(self, found: re.Match[str]) -> str:
        if self.is_clear(found["name"]):
            return found[0]
        return f"{found['name']} is '{self.of(found['value'])}'"

    @cached_property
    def _key(self) -> bytes:
        """Derive the key from the encryption key; a home without one stores a key in a file."""
        if key := encryption_key():
            return hmac.digest(key.encode(), b"pseudonyms of logs", "sha256")
        file = self._settings.home / _KEY_FILE
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(secrets.token_hex(32).encode())
        except FileExistsError:
            pass
        except OSError:
            # The home is not writable: the key is lost and nobody can compare these pseudonyms,
            # which is safe.
            return secrets.token_bytes(32)
        return file.read_bytes()
