"""End a command in order after Ctrl-C, SIGTERM or SIGHUP.

Open files and connections are closed, and the exit code names the signal.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from persona_access.base.errors import EXIT_SIGNAL

_received: list[int] = []


class StoppedError(KeyboardInterrupt):
    """A signal asked the command to end; no `except Exception` catches this as a fault."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.exit_code = EXIT_SIGNAL + number
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        self.sentence = (
            f"interrupted by {name}; nothing is left half-done: run the command again, and it "
            "continues from there."
        )


def stop_in_order() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal of this process into a StoppedError."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A command started by `nohup` continues without its terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


@contextmanager
def stops_as_themselves() -> Iterator[None]:
    """Raise StoppedError for any error that a library raised because of a signal.

    DuckDB raises a RuntimeError on a signal; other code could report that as a fault.
    """
    try:
        yield
    except Exception as error:
        if number := signal_received():
            raise StoppedError(number) from error
        raise


def signal_received() -> int | None:
    """Return the signal that ended this process in order, if one did."""
    return _received[-1] if _received else None


def _stop(number: int, _: FrameType | None) -> None:
    _received.append(number)
    raise StoppedError(number)
