"""Who runs this process: what the system knows, and apart from it what the environment claims.

Anybody can set LOGNAME; nobody but root can set the uid, or the login uid that Linux keeps through
`su` and `sudo`. In a container on ECS the task stands for the person: CloudTrail has the session of
the role that started it.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import urllib.request
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

CLAIMS = (
    "LOGNAME",
    "USER",
    "LNAME",
    "USERNAME",
    "SUDO_USER",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
)
_LOGIN_UID = Path("/proc/self/loginuid")
_NOBODY = 2**32 - 1
_METADATA = "ECS_CONTAINER_METADATA_URI_V4"
# Where the agent of ECS answers; another address is somebody's own server.
_AGENT = "169.254.170.2"


def user() -> str:
    """Name the user that the process runs as, only by its uid."""
    return _name(os.getuid())


def identity() -> str:
    """Write who the system says this is: user, who logged in where that differs, task or host."""
    uid = os.getuid()
    login = _login_uid()
    by = f", logged in as {_name(login)}" if login not in (None, uid) else ""
    return f"{_name(uid)} (uid {uid}{by})@{_task() or socket.gethostname()}"


def claims() -> dict[str, str]:
    """Return what the environment says about the person, where it says anything else."""
    known = user()
    return {name: said for name in CLAIMS if (said := os.environ.get(name, "")) not in ("", known)}


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        # In a container the user may have a number only.
        return f"uid {uid}"


def _login_uid() -> int | None:
    try:
        found = int(_LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if found == _NOBODY else found


@cache
def _task() -> str | None:
    """Ask the agent of ECS for the task of this container; None elsewhere."""
    address = os.environ.get(_METADATA, "")
    if urlsplit(address).scheme != "http" or urlsplit(address).hostname != _AGENT:
        return None
    try:
        with urllib.request.urlopen(f"{address}/task", timeout=2) as answer:  # noqa: S310 - http
            return str(json.load(answer)["TaskARN"])
    except (OSError, ValueError, KeyError):
        return None
