"""Open buckets by address (s3://, az://, abfss://, gs://, file://), and explain their errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from persona_access.base.errors import MachineError, SettingsError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# An address of abfss:// names its account: abfss://container@account.dfs.core.windows.net/folder.
SCHEMES = ("s3", "az", "abfss", "gs", "file")
_RETRY: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def open_store(url: str, what: str) -> ObjectStore:
    """Open a bucket; credentials come from the environment or the machine's identity.

    `what` begins the sentence of the SettingsError for an address that cannot be used.
    """
    scheme = urlsplit(url).scheme
    if scheme not in SCHEMES:
        raise SettingsError(
            f"{what} {url} has an unknown scheme: give an address that begins with "
            f"{', '.join(f'{known}://' for known in SCHEMES)}."
        )
    try:
        if scheme == "file":
            return from_url(url)
        if scheme == "s3":
            # A bucket with locked objects refuses an upload without a checksum.
            return from_url(
                url, checksum_algorithm="SHA256", retry_config=_RETRY, client_options=_client()
            )
        return from_url(url, retry_config=_RETRY, client_options=_client())
    except (BaseError, ValueError) as error:
        raise SettingsError(f"{what} {url} cannot be opened: {_cause(error)}") from error


@contextmanager
def server_faults(where: str, done: str, stays: str) -> Iterator[None]:
    """Turn errors of a server into a MachineError; `stays` names what the error left unchanged."""
    try:
        yield
    except BaseError as error:
        raise MachineError(
            f"{where} cannot be {done} ({_cause(error)}): check that the server answers and "
            "that the credentials in the environment allow it, then run the command again; "
            f"{stays}."
        ) from error


def _client() -> ClientConfig:
    """Set long timeouts, and allow unencrypted connections only to this machine."""
    hosts = {urlsplit(os.environ.get(variable, "")).hostname for variable in _ENDPOINTS}
    return {
        "connect_timeout": "10s",
        "timeout": "300s",
        "allow_http": not _LOOPBACK.isdisjoint(hosts),
    }


def _cause(error: Exception) -> str:
    """Return the first line of an error: that line contains no credentials."""
    return str(error).splitlines()[0].strip()[:300]
