"""Connect to PostgreSQL with libpq's settings, and always with verified TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from persona_access.base.dbt import one_line
from persona_access.base.errors import MachineError, PersonaAccessError, SettingsError
from persona_access.base.extras import extra
from persona_access.base.settings import load_group
from persona_access.base.variables import PostgresLogin

_STRICT = "verify-full"
# Words in errors of libpq and OpenSSL; the library that psycopg ships does not translate them.
_TLS_WORDS = ("certificate", "SSL", "TLS")


@contextmanager
def connected(environ: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    """Connect to the server of PGHOST, PGSERVICE and so on; only libpq supplies a password.

    The certificate of a server across the network is verified. Raises SettingsError if a setting
    requires less or no token can be created, and MachineError if the server cannot be reached.
    """
    settings = secured(environ) | rds_token(environ)
    try:
        connection = psycopg.connect(
            psycopg.conninfo.make_conninfo(application_name="persona-access", **settings)
        )
    except psycopg.OperationalError as error:
        raise _unreachable(one_line(str(error))) from error
    with connection:
        yield connection


@contextmanager
def serving(environ: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    """Connect as `connected` does; errors add that readers keep the previous release.

    Raises PersonaAccessError if the server refuses a statement, otherwise MachineError.
    """
    try:
        with connected(environ) as connection:
            user = connection.info.user
            # The database's search path can start with a schema in which readers create functions:
            # these would run with the publisher's rights, and stay in the policies.
            with connection.transaction():
                connection.execute("set search_path = pg_catalog, pg_temp")
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise PersonaAccessError(
            f"PostgreSQL refuses user '{user}': {one_line(str(error))}. Give it the rights "
            "that docs/serving.md lists; it still serves the previous release."
        ) from error
    except psycopg.errors.LockNotAvailable as error:
        raise MachineError(
            "A mart whose columns or rights changed is in use and could not be replaced; "
            "PostgreSQL still serves the previous release: run `persona-access serve` when "
            "nobody reads the mart."
        ) from error
    except psycopg.Error as error:
        raise MachineError(
            f"PostgreSQL could not take the release ({one_line(str(error))}) and still serves "
            "the previous release: fix the problem and run `persona-access serve`."
        ) from error


def rds_token(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an AWS IAM token as the password, if PERSONA_ACCESS_POSTGRES_LOGIN requires one.

    The machine's credentials sign it, and it is valid for new connections for 15 minutes. Raises
    SettingsError if host, user, region or credentials are missing.
    """
    if load_group(PostgresLogin, environ).postgres_login != "rds_iam":
        return {}
    with extra("aws", "logging in with AWS IAM"):
        import botocore.exceptions
        import botocore.session
    found = _libpq_defaults()
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not found["host"] or found["host"].startswith("/") or not found["user"] or not region:
        raise SettingsError(
            "PERSONA_ACCESS_POSTGRES_LOGIN is rds_iam, which needs PGHOST (the endpoint of the "
            "server), PGUSER and AWS_REGION: set them."
        )
    try:
        client = botocore.session.get_session().create_client("rds", region_name=region)
        token = client.generate_db_auth_token(
            DBHostname=found["host"], Port=int(found["port"]), DBUsername=found["user"]
        )
    except botocore.exceptions.BotoCoreError as error:
        raise SettingsError(
            f"No AWS IAM token can be created for PostgreSQL ({one_line(str(error))}): give "
            "this machine a role that allows rds-db:connect as the user of PGUSER."
        ) from error
    return {"password": token}


def _libpq_defaults() -> dict[str, str]:
    """Return what libpq takes from its variables and service file."""
    return {
        option.keyword.decode(): (option.val or b"").decode()
        for option in psycopg.pq.Conninfo.get_defaults()
    }


def secured(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that make libpq verify TLS.

    Raises SettingsError if the settings require weaker TLS than `verify-full`.
    """
    found = _libpq_defaults()
    hosts = found["host"].split(",") if found["host"] else []
    if not found["hostaddr"] and all(host.startswith(("/", "@")) for host in hosts):
        return {}  # A local socket: no network is involved.
    # The default is `prefer`, so it counts as not set.
    asked = environ.get("PGSSLMODE") or found["sslmode"].replace("prefer", _STRICT)
    if asked != _STRICT:
        raise SettingsError(
            f"PostgreSQL's sslmode is '{asked}', which does not verify the server: set it to "
            f"'{_STRICT}' (PGSSLMODE or the service file), or unset it."
        )
    # Kerberos encryption would have precedence over TLS, and does not check a certificate.
    return {"sslmode": _STRICT, "gssencmode": "disable"}


def _unreachable(message: str) -> MachineError:
    if any(word in message for word in _TLS_WORDS):
        return MachineError(
            "The identity of the PostgreSQL server cannot be verified, or it does not use TLS "
            f"({message}): set PGSSLROOTCERT to its authority's certificate, and PGHOST to the "
            "name in the server's certificate."
        )
    return MachineError(
        f"PostgreSQL cannot be reached ({message}): check PGHOST, PGPORT, PGDATABASE, PGUSER "
        "and PGPASSFILE, or PGSERVICE."
    )
