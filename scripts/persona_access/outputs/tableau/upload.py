"""Upload a release to Tableau Server or Tableau Cloud; who may do so stands in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
import tableauserverclient as tableau
from tableauserverclient.server.endpoint.exceptions import TableauError

from persona_access.base.errors import MachineError, SettingsError
from persona_access.outputs.tableau import WORKBOOK
from persona_access.outputs.tableau.dashboards import SOURCES

_PREFIX = "PERSONA_ACCESS_TABLEAU_"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class TableauServer:
    """Where to upload, and the personal access token that allows it."""

    url: str
    site: str
    project: str
    token_name: str
    token_secret: str = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> TableauServer:
        """Read the PERSONA_ACCESS_TABLEAU_* variables.

        Raises SettingsError when one is missing, or the way to the server is not encrypted.
        """
        needed = ("URL", "TOKEN_NAME", "TOKEN_SECRET")
        if missing := [_PREFIX + name for name in needed if not environ.get(_PREFIX + name)]:
            raise SettingsError(
                f"{', '.join(missing)} must be set to upload to Tableau: the address of the server "
                "and a personal access token of an account that may publish."
            )
        url = environ[f"{_PREFIX}URL"]
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise SettingsError(
                f"{_PREFIX}URL is '{url}': say https://, else the token travels in the open."
            )
        return cls(
            url=url,
            site=environ.get(f"{_PREFIX}SITE", ""),
            project=environ.get(f"{_PREFIX}PROJECT", "Default"),
            token_name=environ[f"{_PREFIX}TOKEN_NAME"],
            token_secret=environ[f"{_PREFIX}TOKEN_SECRET"],
        )

    def upload(self, folder: Path, *, is_masked: bool) -> list[str]:
        """Publish the workbook and the data sources of a folder; what has the name is replaced.

        A masked variant has names of its own. Returns the names. Raises MachineError when the
        server cannot be reached or refuses.
        """
        suffix = " (masked)" if is_masked else ""
        sign_in = tableau.PersonalAccessTokenAuth(self.token_name, self.token_secret, self.site)
        try:
            server = tableau.Server(self.url, use_server_version=True)  # type: ignore[no-untyped-call]
            with server.auth.sign_in(sign_in):
                project = self._project_id(server)
                names = []
                for source in SOURCES:
                    data = tableau.DatasourceItem(project, name=f"{source.caption}{suffix}")
                    file = folder / f"{source.name}.tdsx"
                    server.datasources.publish(data, str(file), "Overwrite")
                    names.append(str(data.name))
                book = tableau.WorkbookItem(project, name=f"Persona Access{suffix}")
                server.workbooks.publish(
                    book,
                    str(folder / WORKBOOK),
                    "Overwrite",
                    connections=None,
                    as_job=False,
                    skip_connection_check=False,
                )
                return [*names, str(book.name)]
        except (TableauError, requests.RequestException) as error:
            reason = " ".join(str(error).split())
            raise MachineError(
                f"Tableau at {self.url} did not take the upload: {reason}. The release itself is "
                "published; see to the server or the token and run the command again."
            ) from error

    def _project_id(self, server: tableau.Server) -> str:
        for project in tableau.Pager(server.projects):
            if project.name == self.project:
                return str(project.id)
        raise SettingsError(
            f"Tableau has no project '{self.project}' that this token can see: make it, or set "
            f"{_PREFIX}PROJECT to another."
        )
