"""Decrypt deliveries that are encrypted with age, to a folder that is emptied after each file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.errors import MachineError, RefusalError, SettingsError
from persona_access.base.names import ENCRYPTED_SUFFIX

_STARTS = {
    b"age-encryption.org/": "age",
    b"-----BEGIN AGE ENCRYPTED FILE": "age",
    b"-----BEGIN PGP MESSAGE": "PGP",
}
_VARIABLE = "PERSONA_ACCESS_AGE_IDENTITY"


def plain_file(path: Path, contract: Contract, identities: Sequence[str], work: Path) -> Path:
    """Return the file to read: the delivery itself, or its plain text in the work folder.

    Raises RefusalError if the contract requires encryption and the file is not encrypted, or the
    reverse, or if it cannot be decrypted; SettingsError without a key; MachineError if the disk is
    full.
    """
    kind = _kind(path)
    if contract.encryption != "age":
        if kind is not None:
            raise RefusalError(
                f"The file is encrypted ({kind}), but the contract of {contract.feed} declares "
                "no encryption: ask the sender for an unencrypted file, or declare "
                "`encryption: age` beside the feed's columns."
            )
        return path
    if kind != "age":
        came = "is encrypted with PGP" if kind else "is not encrypted, so others may have read it"
        raise RefusalError(
            f"The contract of {contract.feed} asks for files encrypted with age, but this one "
            f"{came}: ask the sender to encrypt it for our key and deliver it again."
        )
    target = work / path.name.removesuffix(ENCRYPTED_SUFFIX)
    _decrypt(path, target, identities)
    return target


def _kind(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(max(map(len, _STARTS)))
    if path.name.endswith(ENCRYPTED_SUFFIX) and not start.startswith(tuple(_STARTS)):
        raise RefusalError(
            f"The name ends with {ENCRYPTED_SUFFIX}, but the file is not encrypted with age: "
            "ask the sender whether the name or the content is wrong."
        )
    return next((kind for text, kind in _STARTS.items() if start.startswith(text)), None)


def _decrypt(path: Path, target: Path, identities: Sequence[str]) -> None:
    try:
        import pyrage
    except ModuleNotFoundError as error:
        raise SettingsError(
            "Encrypted deliveries need a package that is not installed (pyrage): run "
            "`uv sync --extra operations`, or pip install 'persona-access[operations]'."
        ) from error
    if not identities:
        raise SettingsError(
            f"{path.name} is encrypted, but {_VARIABLE} is empty: set it to the "
            "AGE-SECRET-KEY-... that it was encrypted for; separate several keys by spaces."
        )
    try:
        keys = [pyrage.x25519.Identity.from_str(text) for text in identities]
    except pyrage.IdentityError as error:
        # Without the message of the library, which can quote the key.
        raise SettingsError(
            f"{_VARIABLE} is not an age key: set it to AGE-SECRET-KEY-..., as `age-keygen` "
            "writes it."
        ) from error
    try:
        pyrage.decrypt_file(str(path), str(target), keys)
    except (pyrage.DecryptError, OSError) as error:
        # The library raises the same class for changed bytes and for a full disk.
        if "os error" in str(error):
            raise MachineError(
                f"{path.name} cannot be decrypted to {target.parent} ({error}): check that the "
                "disk has space and the folder is writable, then run the command again."
            ) from error
        raise RefusalError(
            f"The file cannot be decrypted ({error}): it was encrypted for another key than "
            "ours, or was changed in transfer; ask the sender to encrypt it again for our key."
        ) from error
