"""Print the address of a report, and open it in the browser of a desktop.

Usage: python scripts/open_report.py REPORT/index.html
"""

import os
import sys
import webbrowser
from pathlib import Path


def has_desktop() -> bool:
    """Return whether there is a desktop; servers and CI have none."""
    if os.environ.get("CI") or not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def main(page: str) -> None:
    """Print the address of the page, and open it if there is a desktop."""
    address = Path(page).absolute().as_uri()
    sys.stdout.write(f"The report: {address}\n")
    if has_desktop():
        webbrowser.open(address)


if __name__ == "__main__":
    main(sys.argv[1])
