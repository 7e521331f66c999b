"""Producers of artefacts: functions from a folder of marts to a folder of files.

A producer reads `<mart>.parquet` and `catalogue.json` and writes the files that people open,
without access to the warehouse and independent of masking. To add a producer, add its name and
module.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from persona_access.base.extras import extra

Write = Callable[..., None]


@dataclass(frozen=True)
class Producer:
    """One kind of artefact; `extra` is the optional dependency it needs, if any.

    With `looks_back`, its parameter `last` is its folder in the newest earlier release; with
    `has_codes`, its parameter `keys` has the keys of list codes.
    """

    name: str
    module: str
    function: str
    extra: str | None = None
    looks_back: bool = False
    has_codes: bool = False

    def load(self) -> Write:
        """Import the function.

        Raises SettingsError if its extra is not installed.
        """
        with extra(self.extra, self.name) if self.extra else nullcontext():
            write: Write = getattr(importlib.import_module(self.module), self.function)
        return write


TABLEAU = "tableau"
PRODUCERS = (
    Producer("report", "persona_access.outputs.report", "write_report"),
    Producer(TABLEAU, "persona_access.outputs.tableau", "write_tableau", extra="tableau"),
    Producer(
        "work_lists",
        "persona_access.outputs.work_lists",
        "write_work_lists",
        looks_back=True,
        has_codes=True,
    ),
)
