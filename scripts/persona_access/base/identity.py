"""Identify who runs this process: by the system, and separately by what the environment claims.

Anybody can set LOGNAME; nobody but root can set the uid, or the login uid that Linux keeps through
`su` and `sudo`. In a container on ECS the task replaces the person: CloudTrail records the role
session that started the task.
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
# The address of the ECS agent; another address is not trusted: it could be anybody's server.
_AGENT = "169.254.170.2"


def user() -> str:
    """Return the name of the user that the process runs as, determined only by its uid."""
    return _name(os.getuid())


def identity() -> str:
    """Describe who runs this: the user, the login user if different, and the task or host."""
    uid = os.getuid()
    login = _login_uid()
    by = f", logged in as {_name(login)}" if login not in (None, uid) else ""
    return f"{_name(uid)} (uid {uid}{by})@{_task() or socket.gethostname()}"


def claims() -> dict[str, str]:
    """Return what the environment claims about the person, if it differs from the system."""
    known = user()
    return {name: said for name in CLAIMS if (said := os.environ.get(name, "")) not in ("", known)}


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        # In a container the user can have a number without a name.
        return f"uid {uid}"


def _login_uid() -> int | None:
    try:
        found = int(_LOGIN_UID.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return None if found == _NOBODY else found


@cache
def _task() -> str | None:
    """Ask the ECS agent for the task of this container; None outside ECS."""
    address = os.environ.get(_METADATA, "")
    if urlsplit(address).scheme != "http" or urlsplit(address).hostname != _AGENT:
        return None
    try:
        with urllib.request.urlopen(f"{address}/task", timeout=2) as answer:  # noqa: S310 - http
            return str(json.load(answer)["TaskARN"])
    except (OSError, ValueError, KeyError):
        return None
