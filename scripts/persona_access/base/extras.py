"""Explain a missing optional package in one sentence that names the extra to install."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from persona_access.base.errors import SettingsError


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Turn a missing package of the extra `name` into a SettingsError about `purpose`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("persona_access"):
            raise
        raise SettingsError(
            f"{purpose} needs packages that are not installed ({error.name}): run "
            f"`uv sync --extra {name}`, or pip install 'persona-access[{name}]'."
        ) from error
