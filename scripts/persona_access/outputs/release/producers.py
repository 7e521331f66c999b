"""What is made of the published marts: each a function from a folder of marts to a folder of files.

A producer reads `<mart>.parquet` and `catalogue.json`, writes what people open, and knows neither
the warehouse nor masking. To add one, add its name and where it lives.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from persona_access.base.errors import SettingsError

Write = Callable[..., None]


@dataclass(frozen=True)
class Producer:
    """One kind of artefact; `extra` is the optional dependency it needs, if any.

    One that `looks_back` is also told, as `last`, where its newest release before this one is.
    """

    name: str
    module: str
    function: str
    extra: str | None = None
    looks_back: bool = False

    def load(self) -> Write:
        """Import the function.

        Raises SettingsError when the extra that it needs is not installed.
        """
        try:
            write: Write = getattr(importlib.import_module(self.module), self.function)
        except ModuleNotFoundError as error:
            if self.extra is None:
                raise
            raise SettingsError(
                f"{self.name} needs packages that are not installed ({error.name}): run "
                f"`uv sync --extra {self.extra}`, or pip install 'persona-access[{self.extra}]'."
            ) from error
        return write


TABLEAU = "tableau"
PRODUCERS = (
    Producer("report", "persona_access.outputs.report", "write_report"),
    Producer(TABLEAU, "persona_access.outputs.tableau", "write_tableau", extra="tableau"),
    Producer(
        "work_lists", "persona_access.outputs.work_lists", "write_work_lists", looks_back=True
    ),
)
# Not a folder of the release: it is loaded into a server.
POSTGRES = Producer(
    "postgres", "persona_access.outputs.postgres", "serve_release", extra="postgres"
)
