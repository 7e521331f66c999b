"""The manifest of a release: its content, its week, and the code that made it."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from persona_access.base.content_hash import ContentHash
from persona_access.base.files import sha256_of
from persona_access.outputs.release.catalogue import Mart
from persona_access.outputs.release.gate import WeekBuild

FILE_NAME = "manifest.json"
_PACKAGES = ("persona-access", "dbt-core", "dbt-duckdb", "duckdb", "tableauhyperapi")


def write_manifest(
    release: Path,
    *,
    build: WeekBuild,
    masking_key: str | None,
    marts: Mapping[str, Mart],
    contents: Mapping[str, ContentHash],
    made_of: str = "",
) -> None:
    """Write manifest.json, with the SHA-256 of every other file of the release.

    `made_of` is the fingerprint of all inputs of its artefacts. `masking_key` is the fingerprint
    of the key of a masked release, None in a full one.
    """
    members = [path for path in sorted(release.rglob("*")) if path.is_file()]
    found = {
        "as_of_date": str(build.as_of_date),
        "variant": "masked" if masking_key else "full",
        "masking_key_fingerprint": masking_key,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "built_at": f"{build.started_at.isoformat(timespec='seconds')}+00:00",
        "build_id": build.invocation_id,
        "commit": build.commit,
        "made_of": made_of,
        "versions": versions(),
        "marts": {
            name: {
                "n_rows": contents[name].n_rows,
                "content_hash": contents[name].value,
                "history": mart.history,
                "audience": mart.audience,
            }
            for name, mart in marts.items()
        },
        "members": {
            path.relative_to(release).as_posix(): {
                "n_bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in members
        },
    }
    (release / FILE_NAME).write_text(json.dumps(found, indent=2) + "\n", "utf-8")


def read_manifest(release: Path) -> dict[str, Any]:
    """Read the manifest of a release."""
    found: dict[str, Any] = json.loads((release / FILE_NAME).read_text("utf-8"))
    return found


def versions() -> dict[str, str]:
    """Return the versions of installed packages on which results depend."""
    installed = {dist.name.lower(): dist.version for dist in importlib.metadata.distributions()}
    return {name: installed[name] for name in _PACKAGES if name in installed}
