"""Upload a release to Tableau Server or Tableau Cloud; credentials come from the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import requests
import tableauserverclient as tableau
from tableauserverclient.server.endpoint.exceptions import TableauError

from persona_access.base.errors import MachineError, SettingsError
from persona_access.base.settings import Settings
from persona_access.outputs.tableau import WORKBOOK
from persona_access.outputs.tableau.dashboards import SOURCES

_PREFIX = "PERSONA_ACCESS_TABLEAU_"


@dataclass(frozen=True)
class TableauServer:
    """The server for uploads, and the personal access token."""

    url: str
    site: str
    project: str
    token_name: str
    token_secret: str = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> TableauServer:
        """Read the server and the token from the settings.

        Raises SettingsError if one of them is not set.
        """
        url, token_name = settings.tableau_url, settings.tableau_token_name
        token_secret = settings.tableau_token_secret
        if not (url and token_name and token_secret):
            needed = {"URL": url, "TOKEN_NAME": token_name, "TOKEN_SECRET": token_secret}
            missing = [f"{_PREFIX}{name}" for name, value in needed.items() if not value]
            raise SettingsError(
                f"{', '.join(missing)} must be set to upload to Tableau: the address of the server "
                "and a personal access token of an account that may publish."
            )
        return cls(
            url=url,
            site=settings.tableau_site,
            project=settings.tableau_project,
            token_name=token_name,
            token_secret=token_secret,
        )

    def upload(self, folder: Path, *, is_masked: bool) -> list[str]:
        """Publish the workbook and data sources of a folder; replace those with the same names.

        A masked variant has its own names. Returns the names. Raises MachineError if the server
        cannot be reached or refuses.
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
                f"Tableau at {self.url} refused the upload: {reason}. The release itself is "
                "published; check the server and the token, and run the command again."
            ) from error

    def _project_id(self, server: tableau.Server) -> str:
        for project in tableau.Pager(server.projects):
            if project.name == self.project:
                return str(project.id)
        raise SettingsError(
            f"Tableau has no project '{self.project}' that this token can see: create it, or "
            f"set {_PREFIX}PROJECT to another."
        )
