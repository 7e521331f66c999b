"""Encryption at rest: one key for the warehouse, the landed files and the archive.

DuckDB and Arrow encrypt with AES-256 in GCM. The key comes from the environment or a file, and
only these two receive it: no profile, compiled query, log or message contains it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet.encryption as parquet_encryption

from persona_access.base.errors import SettingsError
from persona_access.base.settings import load_group

VARIABLE = "PERSONA_ACCESS_ENCRYPTION_KEY"
# The name of the key in a connection; macros/raw/parquet_encryption.sql uses the same name.
_KEY_NAME = "persona_access"
# Error messages of DuckDB, and our explanation of each.
_FAULTS = {
    "without a key": "is encrypted, and there is no key: set {variable}, or {variable}_FILE",
    "'encryption_config' was not set": (
        "is encrypted, and there is no key: set {variable}, or {variable}_FILE"
    ),
    "is not encrypted": (
        "is not encrypted, but {variable} is set: unset it, or load the archived files into a new "
        "PERSONA_ACCESS_HOME with the key, as docs/encryption.md says"
    ),
    "Wrong encryption key": "was written with another key: set {variable} to the key it was "
    "written with",
    "AES tag": "was written with another key, or was changed: set {variable} to the key it "
    "was written with",
}


def encryption_key(environ: Mapping[str, str] | None = None) -> str | None:
    """Return the key, 32 bytes in base64; None if nothing is encrypted.

    Raises SettingsError if the key cannot be read or is invalid; the message never contains it.
    """
    from persona_access.base.variables import Encryption

    return load_group(Encryption, environ).encryption_key


def unlock(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read, write and spill with the key; do nothing if there is no key.

    Raises SettingsError when the library that writes encrypted files is not installed.
    """
    key = encryption_key()
    if key is None:
        return
    try:
        import duckdb_extension_httpfs
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{VARIABLE} is set, but a package that DuckDB needs for encryption is not "
            f"installed ({error.name}): run `uv sync --extra encryption`, or pip install "
            "'persona-access[encryption]'."
        ) from error
    # This extension contains OpenSSL; DuckDB's built-in code can only read encrypted files.
    folder = Path(*duckdb_extension_httpfs.__path__)
    (extension,) = folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension")
    connection.load_extension(str(extension))
    connection.execute("set temp_file_encryption = true")
    connection.execute(f"pragma add_parquet_key('{_KEY_NAME}', '{key}')")


def parquet_option() -> str:
    """Return the encryption option for `copy` or `read_parquet`; '' if there is no key."""
    return f", encryption_config {{footer_key: '{_KEY_NAME}'}}" if encryption_key() else ""


def landed(files: str) -> str:
    """Return SQL that reads Parquet files of the home; `files` is an SQL literal or parameter."""
    return f"read_parquet({files}{parquet_option().replace(' {', ' = {')})"


def arrow_encryption() -> dict[str, Any]:
    """Return the arguments that make Arrow write encrypted Parquet; empty without a key."""
    key = encryption_key()
    if key is None:
        return {}
    properties = parquet_encryption.create_encryption_properties(base64.b64decode(key))
    return {"encryption_properties": properties}


def arrow_decryption() -> dict[str, Any]:
    """Return the arguments that make Arrow read the encrypted Parquet that it wrote."""
    key = encryption_key()
    if key is None:
        return {}
    properties = parquet_encryption.create_decryption_properties(base64.b64decode(key))
    return {"decryption_properties": properties}


def check_landed(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Check that an existing raw layer opens with the key, or without a key if none is set.

    Raises SettingsError otherwise: a raw layer must not be half encrypted.
    """
    contract = raw / "quarantined_rows" / "_contract.parquet"
    if not contract.is_file():
        return
    try:
        connection.execute(f"describe from {landed('$file')}", {"file": str(contract)})
    except duckdb.Error as error:
        raise in_words(error, raw) from None


def in_words(error: duckdb.Error, place: Path) -> Exception:
    """Explain an encryption error in a sentence; return any other error unchanged."""
    for said, meaning in _FAULTS.items():
        if said in str(error):
            return SettingsError(f"{place} {meaning.format(variable=VARIABLE)}.")
    return error
