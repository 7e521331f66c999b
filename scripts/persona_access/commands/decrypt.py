"""The command `persona-access decrypt`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from persona_access.base.settings import load_settings
from persona_access.commands.options import AsJson
from persona_access.commands.output import reporting


def decrypt(
    sealed: Annotated[Path, typer.Argument(help="A file of archive/ or rejected/.")],
    to: Annotated[Path, typer.Argument(help="The file to write, unencrypted.")],
    is_json: AsJson = False,
) -> None:
    """Decrypt an archived or rejected file to its delivered bytes."""
    from persona_access.audit import record
    from persona_access.audit.anchor import anchored
    from persona_access.base.kept_files import decrypt

    settings = load_settings()
    with reporting(is_json=is_json) as out, anchored(settings):
        decrypt(sealed, to)
        out.document = {"file": to}
        record(settings, "decrypt", {"file": sealed.name})
