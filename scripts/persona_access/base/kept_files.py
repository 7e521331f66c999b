"""Store delivered files unchanged, encrypted if there is a key.

An encrypted file is stored as chunks in a Parquet file, so no additional format, key or library is
needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from persona_access.base.encryption import arrow_decryption, arrow_encryption, encryption_key
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import copy_atomically, move, new_file, place, sha256_of

SEALED = ".sealed"
_SCHEMA = pa.schema([pa.field("bytes", pa.binary(), nullable=False)])
_CHUNK_BYTES = 1 << 24


def kept_name(target: Path) -> Path:
    """Return the name under which a file is archived."""
    return target.with_name(target.name + SEALED) if encryption_key() else target


def keep(source: Path, target: Path, *, is_moved: bool) -> None:
    """Copy or move a file to `target` atomically; encrypt it if `target` ends in `.sealed`."""
    if target.suffix != SEALED:
        (move if is_moved else copy_atomically)(source, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = new_file(target.with_name(f".{target.name}.tmp"))
    with (
        source.open("rb") as stream,
        pq.ParquetWriter(temporary, _SCHEMA, compression="zstd", **arrow_encryption()) as parquet,
    ):
        while chunk := stream.read(_CHUNK_BYTES):
            parquet.write_batch(pa.record_batch([pa.array([chunk], pa.binary())], schema=_SCHEMA))
    place(temporary, target)
    if is_moved:
        source.unlink()


def kept_sha256(kept: Path) -> str:
    """Hash the bytes that were delivered, also of an encrypted file."""
    if kept.suffix != SEALED:
        return sha256_of(kept)
    digest = hashlib.sha256()
    for chunk in _chunks(kept):
        digest.update(chunk)
    return digest.hexdigest()


def decrypt(kept: Path, target: Path) -> None:
    """Decrypt an encrypted file to the bytes that were delivered.

    Raises PersonaAccessError if it is not an encrypted file, was changed, or has another key.
    """
    if not kept.is_file():
        raise PersonaAccessError(
            f"There is no file {kept}: name an encrypted file of archive/ or rejected/."
        )
    temporary = new_file(target.with_name(f".{target.name}.tmp"))
    try:
        with temporary.open("wb") as stream:
            for chunk in _chunks(kept):
                stream.write(chunk)
        place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _chunks(kept: Path) -> Iterator[bytes]:
    try:
        with pq.ParquetFile(kept, **arrow_decryption()) as parquet:
            for batch in parquet.iter_batches(batch_size=1):
                yield batch.column("bytes")[0].as_py()
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise PersonaAccessError(
            f"{kept} cannot be decrypted: check that it is an encrypted file and that "
            "PERSONA_ACCESS_ENCRYPTION_KEY is the key it was encrypted with; if both are "
            "true, the file was changed."
        ) from error
