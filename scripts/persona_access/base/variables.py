"""Every environment variable of the project, declared once: type, default and meaning.

`Settings` is all of them. Each class below is a group, and a table in the documentation. Modules
import `Settings` from `base.settings`, which loads this module only when a command needs it:
pydantic takes longer to import than `persona-access --help` takes to run.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from persona_access.base.targets import DEV

PREFIX = "PERSONA_ACCESS_"
# One variable for each feed: the feed's name completes it.
ZONE_OF_FEED = f"{PREFIX}DROP_ZONE_"
# Variables of 0.1.0, and what replaces each.
REPLACED = {
    "METRICS_FILE": f"set {PREFIX}METRICS to the file",
    "PUSHGATEWAY": f"set {PREFIX}METRICS to its address, http://...",
    "PUBLISHED_MASKED": f"masked releases are in the folder of {PREFIX}PUBLISHED with _masked "
    "after its name",
    "STATE_WAREHOUSE": f"the target ci reads the warehouse of {PREFIX}HOME",
    "SPARK_CORES": f"set {PREFIX}THREADS",
    "SPARK_MEMORY": f"set {PREFIX}MEMORY_LIMIT",
    "SPARK_PARTITIONS": f"there are two for each thread ({PREFIX}THREADS)",
    "DBT": f"dbt is searched beside {PREFIX}COMMAND",
    "DBT_PACKAGES": "scripts/install_dbt_packages.py has the option --source",
    "AIRFLOW_PYTHON": "the tests use deploy/schedulers/airflow/.venv",
}

_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([KMGT]?)I?B$", re.IGNORECASE)
_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000}
_AZURE_PLACE = re.compile(
    r"abfss://[a-z0-9-]{3,63}@[a-z0-9]{3,24}\.dfs\.core\.windows\.net(/[^@?]*)?"
)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_KEY_BYTES = 32
_SHORTEST_MASKING_KEY = 16


@dataclass(frozen=True)
class DropZone:
    """Where files arrive: a folder, or the bucket at `url`, copied to `folder`."""

    folder: Path
    url: str | None = None

    def __str__(self) -> str:
        return self.url or str(self.folder)


def _in_project(path: Path, info: ValidationInfo) -> Path:
    """Make a relative path start at the project root, as dbt reads it."""
    root: Path = info.data["project_root"]
    return (root / path.expanduser()).absolute()


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _size(text: str) -> int:
    match = _SIZE.match(text)
    if match is None:
        raise ValueError("")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _size_text(text: str) -> str:
    _size(text)
    return text


def _zone(value: object, info: ValidationInfo) -> object:
    """Read a folder or an address; the address is shown and recorded, so it holds no secret."""
    if not isinstance(value, str):
        return value
    if not _URL.match(value):
        return DropZone(_in_project(Path(value), info))
    return DropZone(info.data["home"] / ".fetched", _without_secrets(value))


def _without_secrets(url: str) -> str:
    # In this kind of address, the part before @ is a container, not a user.
    if _AZURE_PLACE.fullmatch(url):
        return url
    if "@" in url or "?" in url:
        raise ValueError(
            "contains more than a location: give s3://bucket/folder, az://container/folder or "
            "gs://bucket/folder, and the credentials in the environment or by the identity of "
            "the machine"
        )
    return url


_ProjectPath = Annotated[Path, AfterValidator(_in_project)]
_Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
_Zone = Annotated[DropZone, NoDecode, BeforeValidator(_zone)]


def _variable(
    name: str,
    meaning: str,
    *,
    default: Any = None,
    below_home: str | None = None,
    shown: str | None = None,
    allowed: str = "",
    example: str = "",
    is_secret: bool = False,
    **rules: Any,
) -> Any:
    """Declare one variable.

    `shown` is the default for the documentation, `allowed` ends the message about a wrong value,
    and `example` is for the documentation. No message, list or `repr` contains a secret.
    """
    documented: dict[str, Any] = {
        "shown": shown or (f"`{below_home}` below the home" if below_home else _code(default)),
        "allowed": allowed,
        "example": example,
        "is_secret": is_secret,
    }
    if below_home:
        rules["default_factory"] = lambda data: data["home"] / below_home
    elif "default_factory" not in rules:
        rules["default"] = default
    return Field(
        validation_alias=PREFIX + name,
        description=meaning,
        repr=not is_secret,
        json_schema_extra=documented,
        **rules,
    )


def _code(default: object) -> str:
    if default is None or default == ():
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


class Group(BaseSettings):
    """Variables that belong together. The first sentence of the docstring is the heading."""

    model_config = SettingsConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings passes them by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values only from the caller: `base.settings` reads the environment."""
        return (init_settings,)

    @classmethod
    def name(cls) -> str:
        """Return the name of the group, as `drop_zones`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """Return the heading of the group: the first sentence of its docstring."""
        return (cls.__doc__ or "").partition(".")[0]


class Places(Group):
    """The project, its target, and where its data are."""

    project_root: Path = _variable(
        "PROJECT",
        "folder of the project",
        shown="the nearest folder with a `dbt_project.yml`, from the working directory up",
    )
    target: Literal["dev", "staging", "production"] = _variable(
        "TARGET",
        "`dev`, `staging` or `production`; a home belongs to the target that first loaded there",
        default=DEV,
        allowed="one of dev, staging, production",
    )
    home: Path = _variable(
        "HOME",
        "drop zone, raw layer, archive, rejected files, warehouse",
        default="",
        shown="`data` (target `dev` only)",
        validate_default=True,
    )
    warehouse: _ProjectPath = _variable(
        "WAREHOUSE", "the DuckDB file that dbt writes", below_home="warehouse.duckdb"
    )
    seeds: _ProjectPath = _variable(
        "SEEDS",
        "the decisions; a folder inside the project",
        default=Path("seeds"),
        validate_default=True,
    )
    feeds: _ProjectPath = _variable(
        "FEEDS",
        "the feed mappings, one YAML file for each source",
        default=Path("feeds"),
        validate_default=True,
    )

    @field_validator("home", mode="before")
    @classmethod
    def _place_home(cls, value: object, info: ValidationInfo) -> Path:
        if value:
            return _in_project(Path(str(value)), info)
        if info.data.get("target", DEV) != DEV:
            raise ValueError(
                f"is not set, and PERSONA_ACCESS_TARGET is '{info.data['target']}', which has no "
                "home by default: set it to the folder of that target"
            )
        return _in_project(Path("data"), info)


class DropZones(Group):
    """Where files arrive and how they are read."""

    main_zone: _Zone = _variable(
        "DROP_ZONE",
        "where files arrive: a folder, or an `s3://`, `az://` or `gs://` address",
        shown="`drop` below the home",
        example="s3://bucket/weekly",
        default_factory=lambda data: DropZone(data["home"] / "drop"),
    )
    zones_of_feeds: Annotated[dict[str, _Zone], NoDecode] = _variable(
        "DROP_ZONE_<FEED>",
        "where files of one feed arrive, for example `PERSONA_ACCESS_DROP_ZONE_HR_HEADCOUNT`",
        shown="`PERSONA_ACCESS_DROP_ZONE`",
        example="s3://hr-outbox/weekly",
        default_factory=dict,
    )
    settle_seconds: float = _variable(
        "SETTLE_SECONDS",
        "a file that changed within this time counts as still being written",
        default=5,
        allowed="a number of seconds, for example 5",
        ge=0,
        allow_inf_nan=False,
    )
    leave_files: bool = _variable(
        "LEAVE_FILES",
        "leave files in the drop zone instead of moving them",
        default=False,
        allowed="true or false",
    )
    max_expanded_bytes: Annotated[int, BeforeValidator(_size)] = _variable(
        "MAX_EXPANDED_SIZE",
        "largest size of one file after decompression",
        default="8GB",
        allowed="a size such as 500MB or 4GB",
        validate_default=True,
    )
    age_identities: _Words = _variable(
        "AGE_IDENTITY",
        "keys to encrypted deliveries, separated by spaces",
        default=(),
        example="AGE-SECRET-KEY-1...",
        is_secret=True,
    )


class Limits(Group):
    """How much of the machine DuckDB and Spark use."""

    memory_limit: Annotated[str, AfterValidator(_size_text)] = _variable(
        "MEMORY_LIMIT",
        "memory of DuckDB, or heap of a local Spark; DuckDB spills to disk beyond it",
        default="4GB",
        allowed="a size such as 500MB or 4GB",
    )
    threads: int = _variable(
        "THREADS",
        "threads of DuckDB, or of a local Spark (there 2 by default)",
        default=1,
        allowed="a whole number of at least 1",
        ge=1,
    )


class Publishing(Group):
    """Releases: where, how many, with or without names."""

    published: _ProjectPath = _variable(
        "PUBLISHED",
        "releases with names; readers follow the link `current`. A new home is closed to other "
        "accounts of the machine: for readers among them, name a folder outside it. "
        "Releases without names are beside it, in `<folder>_masked`",
        below_home="published",
    )
    keep_releases: int = _variable(
        "KEEP_RELEASES",
        "number of releases to keep",
        default=8,
        allowed="a whole number of at least 1",
        ge=1,
    )
    is_publishing_masked: bool = _variable(
        "PUBLISH_MASKED",
        "what `publish` does without `--masked` or `--full`; with both options it publishes both",
        default=False,
        allowed="true or false",
    )
    masking_key: str | None = _variable(
        "MASKING_KEY",
        "the secret behind the pseudonyms",
        is_secret=True,
        allowed=f"a secret of at least {_SHORTEST_MASKING_KEY} characters, the same every week so "
        'that pseudonyms stay; `python -c "import secrets; print(secrets.token_urlsafe(32))"` '
        "makes one",
        min_length=_SHORTEST_MASKING_KEY,
    )

    @property
    def published_masked(self) -> Path:
        """Releases without names."""
        return self.published.with_name(f"{self.published.name}_masked")


class Reviews(Group):
    """Keys of work lists and evidence packs, and messages to reviewers."""

    list_key: str | None = _variable(
        "LIST_KEY",
        "the secret behind the codes of work lists; several words are several keys, of which the "
        "first makes codes and all are accepted",
        is_secret=True,
        allowed=f"a secret of at least {_SHORTEST_MASKING_KEY} characters without blanks; "
        '`python -c "import secrets; print(secrets.token_urlsafe(32))"` makes one',
        min_length=_SHORTEST_MASKING_KEY,
    )

    evidence_key: str | None = _variable(
        "EVIDENCE_KEY",
        "the private key that signs evidence packs (Ed25519)",
        is_secret=True,
        allowed="32 bytes in Base64 or hexadecimal, as `openssl rand -base64 32` makes them",
    )

    review_messages: _Words = _variable(
        "REVIEW_MESSAGES",
        "where `remind` sends messages to reviewers: Apprise addresses separated by spaces; "
        "`{mail}` and `{brid}` stand for the reviewer's mail address and BRID",
        default=(),
        example="mailtos://user:password@host?to={mail}",
        is_secret=True,
    )
    review_link: str | None = _variable(
        "REVIEW_LINK",
        "link in these messages; `{file}` stands for the file name of the list, which "
        "contains the reviewer's BRID",
        example="https://reviews.bank.example/{file}.html",
    )
    review_attachment: Literal["xlsx", "html", "csv"] | None = _variable(
        "REVIEW_ATTACHMENT",
        "the list attached to the first message of a week: `xlsx`, `html` or `csv`; needs "
        "`{mail}` or `{brid}` in each address, because lists name people",
        allowed="xlsx, html or csv",
        example="xlsx",
    )
    reminder_days: int = _variable(
        "REMINDER_DAYS",
        "days before the due date of an item on which the reviewer is reminded",
        default=3,
        allowed="a whole number of at least 0",
        ge=0,
    )

    @field_validator("evidence_key")
    @classmethod
    def _check_evidence_key(cls, value: str | None) -> str | None:
        return _normal_key(value) if value is not None else None

    @property
    def list_keys(self) -> tuple[str, ...]:
        """The keys of list codes, the one that makes new codes first; empty without one."""
        return tuple((self.list_key or "").split())


class Tableau(Group):
    """The Tableau Server or Tableau Cloud that `publish --tableau-server` uploads to."""

    tableau_url: str | None = _variable(
        "TABLEAU_URL", "address of the server", example="https://tableau.bank.example"
    )
    tableau_site: str = _variable("TABLEAU_SITE", "site; empty for the default site", default="")
    tableau_project: str = _variable("TABLEAU_PROJECT", "project", default="Default")
    tableau_token_name: str | None = _variable(
        "TABLEAU_TOKEN_NAME", "name of a personal access token that may publish"
    )
    tableau_token_secret: str | None = _variable(
        "TABLEAU_TOKEN_SECRET", "secret of that token", is_secret=True
    )

    @field_validator("tableau_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise ValueError(f"is '{url}': give an https:// address, to encrypt the token")
        return url


class Postgres(Group):
    """The rights of PostgreSQL's readers. libpq's own variables name the server."""

    logins: _ProjectPath = _variable(
        "LOGINS",
        "CSV file with the BRID of each login",
        shown="`logins/<target>.csv`",
        default_factory=lambda data: data["project_root"] / "logins" / f"{data['target']}.csv",
    )


class PostgresLogin(Group):
    """How the project logs in to PostgreSQL."""

    postgres_login: Literal["password", "rds_iam"] = _variable(
        "POSTGRES_LOGIN",
        "how to log in to PostgreSQL: by libpq's variables, or with a token of AWS IAM, which is "
        "valid for 15 minutes (Amazon RDS and Aurora)",
        default="password",
        allowed="password or rds_iam",
    )


class Alerts(Group):
    """Messages and metrics of a run."""

    alert_addresses: _Words = _variable(
        "ALERTS",
        "addresses in the syntax of [Apprise](https://appriseit.com), separated by spaces",
        default=(),
        example="mailtos://... slack://...",
        is_secret=True,
    )
    logs_people: bool = _variable(
        "LOG_PEOPLE",
        "whether logs show BRIDs and row values; if not, logs have pseudonyms, and people are "
        "shown only on a terminal",
        default=False,
        allowed="true or false",
    )
    runbook: str = _variable(
        "RUNBOOK",
        "link in messages",
        default="docs/runbook.md",
        example="https://wiki.bank.example/runbook",
    )
    metrics: _Words = _variable(
        "METRICS",
        "where metrics go, separated by spaces: a text file for the node exporter, the address of "
        "a push gateway",
        default=(),
        example="/var/lib/node_exporter/persona_access.prom http://gateway:9091",
    )


class Encryption(Group):
    """The key of the warehouse, the raw layer and the archive."""

    encryption_key_text: str | None = _variable(
        "ENCRYPTION_KEY",
        "32 random bytes, base64 or hexadecimal, which encrypt all stored data",
        is_secret=True,
    )
    encryption_key_file: Path | None = _variable(
        "ENCRYPTION_KEY_FILE",
        "a file with the key, instead of the key",
        example="/run/secrets/key",
    )

    @field_validator("encryption_key_text")
    @classmethod
    def _check_key(cls, text: str | None) -> str | None:
        return None if text is None else _normal_key(text)

    @field_validator("encryption_key_file")
    @classmethod
    def _read_key(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is None:
            return None
        if info.data.get("encryption_key_text"):
            raise ValueError(f"and {PREFIX}ENCRYPTION_KEY are both set: set one of them")
        _key_in(file)
        return file

    @cached_property
    def encryption_key(self) -> str | None:
        """The key, 32 bytes in base64; None where nothing is encrypted."""
        if self.encryption_key_file:
            return _key_in(self.encryption_key_file)
        return self.encryption_key_text


def _key_in(file: Path) -> str:
    try:
        text = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"is {file}, which cannot be read: set it to the key file, and let this user read "
            "that file"
        ) from error
    return _normal_key(text)


def _normal_key(text: str) -> str:
    """Return the key in base64, also if it was hexadecimal; error messages never contain it."""
    try:
        is_hexadecimal = len(text) == 2 * _KEY_BYTES
        key = bytes.fromhex(text) if is_hexadecimal else base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(
            "is not a valid key: give 32 random bytes, as `openssl rand -base64 32` or "
            "`openssl rand -hex 32` writes them"
        )
    return base64.b64encode(key).decode()


class Buckets(Group):
    """Buckets that releases, answers and the head of the audit log are sent to."""

    publish_url: str | None = _variable(
        "PUBLISH_URL",
        "bucket that `publish`, `run` and `rollback` send releases to: "
        "`<variant>/releases/<name>/`, and the name of the current one to `<variant>/current.json`",
        example="s3://bucket/releases",
    )
    anchor_url: str | None = _variable(
        "ANCHOR_URL",
        "bucket that gets the head of the audit log from each command that adds to the log; its "
        "objects must be locked",
        example="s3://bucket/anchors",
    )
    answers_url: str | None = _variable(
        "ANSWERS_URL",
        "bucket for questions about people and their answers, where printed output becomes a log; "
        "if it is set, only `persona-access answer` answers such questions",
        example="s3://bucket/answers",
    )

    @field_validator("publish_url", "anchor_url", "answers_url")
    @classmethod
    def _place(cls, url: str | None) -> str | None:
        if url is not None and not _URL.match(url):
            raise ValueError(f"is '{url}': give the address of a bucket, s3://bucket/path")
        return url if url is None else _without_secrets(url)


class Dbt(Group):
    """Variables of a bare `dbt` command; the commands of this project set them themselves."""

    as_of_date: date | None = _variable(
        "AS_OF_DATE",
        "the week to build",
        shown="the newest complete week",
        allowed="a date such as 2026-10-05",
        example="2026-10-05",
    )
    commit: str = _variable(
        "COMMIT", "commit of the project, for the record of a build", default="", shown="from git"
    )
    readers_url: str = _variable(
        "READERS_URL",
        "where readers open the newest release; exposures in the documentation link there",
        default="published/current",
        shown="the release below the home",
        example="https://access.bank.example",
    )
    replay: str = _variable(
        "REPLAY",
        "copy of the warehouse on which a command builds older weeks again; the commands set it",
        default="",
        shown="none",
    )


class Schedulers(Group):
    """What the Airflow DAGs in `deploy/schedulers/airflow` read."""

    scheduled_command: str = _variable(
        "COMMAND",
        "the command that the tasks run; `dbt` must be in the same folder",
        default="/opt/persona-access/.venv/bin/persona-access",
    )
    models_target: str | None = _variable(
        "MODELS_TARGET", "target for which each model is a separate task", example="spark"
    )


# Groups in the order of the documentation.
GROUPS: tuple[type[Group], ...] = (
    Places,
    DropZones,
    Limits,
    Publishing,
    Reviews,
    Tableau,
    Postgres,
    PostgresLogin,
    Alerts,
    Encryption,
    Buckets,
    Dbt,
    Schedulers,
)


# Fields of the last base come first, and defaults of the others depend on Places.
class Settings(
    Schedulers,
    Dbt,
    Buckets,
    Encryption,
    Alerts,
    PostgresLogin,
    Postgres,
    Reviews,
    Tableau,
    Publishing,
    Limits,
    DropZones,
    Places,
):
    """The settings of one run. Folders are absolute; sizes are in bytes, times in seconds.

    `origins` gives the source of each value that is not the default.
    """

    origins: dict[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    @property
    def drop_zone(self) -> Path:
        """The folder of the main drop zone."""
        return self.main_zone.folder

    @property
    def raw(self) -> Path:
        """The raw layer: one folder of Parquet files a feed, and the ledger."""
        return self.home / "raw"

    @property
    def archive(self) -> Path:
        """Where accepted files go, by feed."""
        return self.home / "archive"

    @property
    def rejected(self) -> Path:
        """Where refused files go, each with a .reason.txt."""
        return self.home / "rejected"

    @property
    def accepted_gates(self) -> Path:
        """The lifted gates, one JSON file for each gate and week."""
        return self.home / "accepted_gates"

    @property
    def evidence(self) -> Path:
        """The default folder of evidence packs, `evidence_<week>.zip`."""
        return self.home / "evidence"

    @property
    def status_changes(self) -> Path:
        """The results of `why-changed`, one Parquet file for each pair of weeks."""
        return self.home / "status_changes"

    @property
    def models(self) -> Path:
        """The dbt models; their sources YAML declares the contracts of deliveries."""
        return self.project_root / "models"


@dataclass(frozen=True)
class Declaration:
    """The declaration of one variable."""

    group: str
    field: str
    variable: str
    meaning: str
    default: str
    example: str
    allowed: str
    is_secret: bool


def declarations(groups: tuple[type[Group], ...] = GROUPS) -> Iterator[Declaration]:
    """Yield every variable, in the order of the documentation."""
    for group in groups:
        for name in group.__annotations__:
            yield _declaration(group, name, group.model_fields[name])


def _declaration(group: type[Group], name: str, field: FieldInfo) -> Declaration:
    documented: Mapping[str, Any] = field.json_schema_extra  # type: ignore[assignment]
    return Declaration(
        group=group.name(),
        field=name,
        variable=str(field.validation_alias),
        meaning=str(field.description),
        default=documented["shown"],
        example=documented["example"],
        allowed=documented["allowed"],
        is_secret=documented["is_secret"],
    )


def current_values(settings: Settings) -> list[dict[str, Any]]:
    """List every variable with its value and source (default, environment or option).

    For a secret, it shows only whether it is set.
    """
    return [
        {
            "group": declaration.group,
            "variable": declaration.variable,
            "value": _shown(getattr(settings, declaration.field), is_secret=declaration.is_secret),
            "source": settings.origins.get(declaration.field, "default"),
            "default": declaration.default,
            "meaning": declaration.meaning,
            "is_secret": declaration.is_secret,
        }
        for declaration in declarations()
    ]


def _shown(value: Any, *, is_secret: bool) -> str | int | float | bool | None:
    if is_secret:
        return "set, not shown" if value else None
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, tuple):
        value = " ".join(value)
    if isinstance(value, dict):
        value = " ".join(f"{feed}={zone}" for feed, zone in value.items())
    # An address can contain a password.
    return re.sub(r"//[^/@\s]*@", "//***@", str(value)) or None
