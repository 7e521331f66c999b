"""Learning persona mappings from people whose persona is known, and measuring them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from persona_access.base.errors import MachineError

_LIBRARIES = {"numpy", "scipy", "sklearn", "threadpoolctl"}


@contextmanager
def learning() -> Iterator[None]:
    """Import the learning code; name the extra where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in _LIBRARIES:
            raise
        raise MachineError(
            f"{error.name} is not installed, and learning needs it: "
            "install the extra `train`, for example with `uv sync --extra train`."
        ) from error
