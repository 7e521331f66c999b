"""Sign a pack, so that people who know the public key can detect changes."""

from __future__ import annotations

import base64
from pathlib import Path

from persona_access.base.extras import extra
from persona_access.base.files import new_file


def sign(file: Path, key: str) -> str:
    """Write the Ed25519 signature of a file beside it, and return the public key, both in Base64.

    `key` is the private key, 32 bytes in Base64. Raises SettingsError if the package that signs is
    not installed.
    """
    with extra("operations", "Signing evidence"):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))
    signature = base64.b64encode(private.sign(file.read_bytes())).decode()
    new_file(file.with_name(f"{file.name}.sig")).write_text(f"{signature}\n", "ascii")
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()
