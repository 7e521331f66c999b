"""Encryption of what is kept: one key for the warehouse, the landed files and the archive.

DuckDB and Arrow do the work, by AES-256 in GCM. The key comes from the environment or a file, goes
to them and to nothing else: it is in no profile, compiled query, log or message.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet.encryption as parquet_encryption

from persona_access.base.errors import SettingsError

VARIABLE = "PERSONA_ACCESS_ENCRYPTION_KEY"
_KEY_BYTES = 32
# What connections call the key; macros/raw/parquet_encryption.sql knows it, too.
_KEY_NAME = "persona_access"
# What DuckDB says, and what it means.
_FAULTS = {
    "without a key": "is encrypted, and there is no key: set {variable}, or {variable}_FILE",
    "'encryption_config' was not set": (
        "is encrypted, and there is no key: set {variable}, or {variable}_FILE"
    ),
    "is not encrypted": (
        "is not encrypted, but {variable} is set: unset it, or load the archived files into a new "
        "PERSONA_ACCESS_HOME with the key, as docs/encryption.md says"
    ),
    "Wrong encryption key": "was written with another key: set {variable} to that one",
    "AES tag": "was written with another key, or was changed: set {variable} to that one",
}


def encryption_key(environ: Mapping[str, str] | None = None) -> str | None:
    """Return the key, 32 bytes in base64; None where nothing is to be encrypted.

    It may be given in hexadecimal digits, too, which secret stores can make by themselves.

    Raises SettingsError when it cannot be read or is no key; the sentence never shows it.
    """
    env = os.environ if environ is None else environ
    text, file = (env.get(name, "").strip() for name in (VARIABLE, f"{VARIABLE}_FILE"))
    if not text and not file:
        return None
    if text and file:
        raise SettingsError(f"Both {VARIABLE} and {VARIABLE}_FILE are set: set one of them.")
    if file:
        try:
            text = Path(file).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{VARIABLE}_FILE is {file}, which cannot be read: name the file of the key, and "
                "let this user read it."
            ) from error
    try:
        is_hexadecimal = len(text) == 2 * _KEY_BYTES
        key = bytes.fromhex(text) if is_hexadecimal else base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingsError(
            f"{VARIABLE} holds no key: give 32 random bytes, as `openssl rand -base64 32` or "
            "`openssl rand -hex 32` writes them."
        )
    return base64.b64encode(key).decode()


def unlock(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read and write with the key, and spill encrypted; without a key do nothing.

    Raises SettingsError when the library that writes encrypted files is not installed.
    """
    key = encryption_key()
    if key is None:
        return
    try:
        import duckdb_extension_httpfs
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{VARIABLE} is set, but a package that DuckDB encrypts with is not installed "
            f"({error.name}): run `uv sync --extra encryption`, or "
            "pip install 'persona-access[encryption]'."
        ) from error
    # It bears OpenSSL; DuckDB's own code only reads what is encrypted.
    folder = Path(*duckdb_extension_httpfs.__path__)
    (extension,) = folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension")
    connection.load_extension(str(extension))
    connection.execute("set temp_file_encryption = true")
    connection.execute(f"pragma add_parquet_key('{_KEY_NAME}', '{key}')")


def parquet_option() -> str:
    """Return what follows in the options of `copy` or the arguments of `read_parquet`, or ''."""
    return f", encryption_config {{footer_key: '{_KEY_NAME}'}}" if encryption_key() else ""


def landed(files: str) -> str:
    """Read Parquet files of the home: `files` is an SQL literal or parameter, the result SQL."""
    return f"read_parquet({files}{parquet_option().replace(' {', ' = {')})"


def arrow_encryption() -> dict[str, Any]:
    """Return the arguments with which Arrow writes encrypted Parquet; none without a key."""
    key = encryption_key()
    if key is None:
        return {}
    properties = parquet_encryption.create_encryption_properties(base64.b64decode(key))
    return {"encryption_properties": properties}


def arrow_decryption() -> dict[str, Any]:
    """Return the arguments with which Arrow reads what it wrote."""
    key = encryption_key()
    if key is None:
        return {}
    properties = parquet_encryption.create_decryption_properties(base64.b64decode(key))
    return {"decryption_properties": properties}


def check_landed(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Look whether the raw layer, if there is one, opens with the key, or without one.

    Raises SettingsError when it does not: it must not be half encrypted.
    """
    contract = raw / "quarantined_rows" / "_contract.parquet"
    if not contract.is_file():
        return
    try:
        connection.execute(f"describe from {landed('$file')}", {"file": str(contract)})
    except duckdb.Error as error:
        raise in_words(error, raw) from None


def in_words(error: duckdb.Error, place: Path) -> Exception:
    """Say what a fault of encryption means; any other fault stays what it is."""
    for said, meaning in _FAULTS.items():
        if said in str(error):
            return SettingsError(f"{place} {meaning.format(variable=VARIABLE)}.")
    return error
