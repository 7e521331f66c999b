"""A local server with the part of Tableau's REST API that an upload needs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

TOKEN_SECRET = "invented-secret"  # noqa: S105 - a secret of nobody
PROJECT = "Access reviews"
_NAMESPACE = "http://tableau.com/api"


@dataclass
class StandIn:
    """The address of the server, and what was published: kind, name, mode and size of the file."""

    url: str
    published: list[tuple[str, str, str, int]] = field(default_factory=list)
    has_signed_out: bool = False


@contextmanager
def tableau_stand_in() -> Iterator[StandIn]:
    """Run the server on a free port of this machine."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    stand_in = StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    server.stand_in = stand_in  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.endswith("/serverInfo"):
            self._answer(
                "<serverInfo><productVersion build='1'>2025.3</productVersion>"
                "<restApiVersion>3.27</restApiVersion></serverInfo>"
            )
        elif "/projects" in self.path:
            self._answer(
                "<pagination pageNumber='1' pageSize='100' totalAvailable='1'/>"
                f"<projects><project id='p1' name='{PROJECT}'/></projects>"
            )
        else:
            self._refuse(404, "404000")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.endswith("/auth/signin"):
            if TOKEN_SECRET.encode() not in body:
                self._refuse(401, "401001")
                return
            self._answer(
                "<credentials token='t'><site id='s1' contentUrl=''/><user id='u1'/></credentials>"
            )
        elif self.path.endswith("/auth/signout"):
            self.server.stand_in.has_signed_out = True  # type: ignore[attr-defined]
            self._answer("", 204)
        else:
            kind = "workbook" if "/workbooks" in self.path else "datasource"
            name = re.search(rb"<" + kind.encode() + rb" [^>]*name=\"([^\"]*)\"", body)
            assert name, body[:500]
            mode = "overwrite" if "overwrite=true" in self.path.lower() else "new"
            self.server.stand_in.published.append(  # type: ignore[attr-defined]
                (kind, name[1].decode(), mode, body.count(b"PK\x03\x04"))
            )
            self._answer(f"<{kind} id='x1' name='{name[1].decode()}'/>", 201)

    def _refuse(self, status: int, code: str) -> None:
        self._answer(
            f"<error code='{code}'><summary>Refused</summary><detail>Invented.</detail></error>",
            status,
        )

    def _answer(self, content: str, status: int = 200) -> None:
        body = f"<tsResponse xmlns='{_NAMESPACE}'>{content}</tsResponse>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
