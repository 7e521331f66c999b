"""Where things are and how much of the machine to use: the one reader of environment variables.

Relative paths in environment variables start at the project root, as dbt reads them when it runs
there; paths given as command-line options start at the working directory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from persona_access.base.errors import SettingsError
from persona_access.base.targets import DEV, TARGETS, refuse_foreign

_DROP_ZONE = "PERSONA_ACCESS_DROP_ZONE"
_TRUE_WORDS = {"1", "true", "yes", "on"}
_FALSE_WORDS = {"", "0", "false", "no", "off"}
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|KIB|MIB|GIB|TIB)\s*$", re.IGNORECASE)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_UNITS = {"B": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000}


@dataclass(frozen=True)
class DropZone:
    """Where files arrive: a folder, or the bucket at `url`, whose objects come to the folder."""

    folder: Path
    url: str | None = None

    def __str__(self) -> str:
        return self.url or str(self.folder)


@dataclass(frozen=True)
class Settings:
    """The settings of one run. Folders are absolute; sizes are in bytes, times in seconds.

    `zones_of_feeds` are the drop zones of feeds that arrive elsewhere than in the main one.
    """

    project_root: Path
    target: str
    home: Path
    main_zone: DropZone
    zones_of_feeds: Mapping[str, DropZone]
    warehouse: Path
    seeds: Path
    published: Path
    published_masked: Path
    logins: Path
    keep_releases: int
    is_publishing_masked: bool
    memory_limit: str
    threads: int
    settle_seconds: float
    max_expanded_bytes: int
    leave_files: bool
    metrics_file: Path | None
    pushgateway: str | None
    runbook: str
    # Addresses hold tokens, and these are keys: none is ever printed.
    alert_addresses: tuple[str, ...] = field(repr=False)
    age_identities: tuple[str, ...] = field(repr=False)

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
        """Which gates somebody lifted for which week, one JSON file each."""
        return self.home / "accepted_gates"

    @property
    def evidence(self) -> Path:
        """Where evidence packs are written unless said, `evidence_<week>.zip`."""
        return self.home / "evidence"

    @property
    def status_changes(self) -> Path:
        """What `why-changed` found, one Parquet file for two weeks."""
        return self.home / "status_changes"

    @property
    def models(self) -> Path:
        """The dbt models, whose sources YAML declares what a delivery looks like."""
        return self.project_root / "models"


def load_settings(
    *,
    home: Path | None = None,
    drop_zone: str | None = None,
    settle_seconds: float | None = None,
    leave_files: bool | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the environment; an option that is not None wins over its variable.

    Raises SettingsError when the project cannot be found, a value cannot be read, or a folder
    belongs to another target.
    """
    env = os.environ if environ is None else environ
    root = find_project_root(env)
    target = _target(env)

    def path(variable: str, default: Path) -> Path:
        text = env.get(variable, "").strip()
        return (root / Path(text).expanduser()).absolute() if text else default.absolute()

    if home is not None:
        chosen_home = home.expanduser().absolute()
    elif target != DEV and not env.get("PERSONA_ACCESS_HOME", "").strip():
        raise SettingsError(
            f"PERSONA_ACCESS_TARGET is '{target}', which has no home by default: set "
            "PERSONA_ACCESS_HOME to its folder."
        )
    else:
        chosen_home = path("PERSONA_ACCESS_HOME", root / "data")

    def zone(text: str, start: Path) -> DropZone:
        if _URL.match(text):
            return DropZone(chosen_home / ".fetched", _without_secrets(text))
        return DropZone((start / Path(text).expanduser()).absolute())

    if drop_zone is not None:
        # Said for this time alone, so it holds for every feed.
        main_zone, zones = zone(drop_zone, Path.cwd()), {}
    else:
        text = env.get(_DROP_ZONE, "").strip()
        main_zone = zone(text, root) if text else DropZone(chosen_home / "drop")
        zones = {
            variable.removeprefix(f"{_DROP_ZONE}_").lower(): zone(text.strip(), root)
            for variable, text in sorted(env.items())
            if variable.startswith(f"{_DROP_ZONE}_") and text.strip()
        }
    settings = Settings(
        project_root=root,
        target=target,
        home=chosen_home,
        main_zone=main_zone,
        zones_of_feeds=zones,
        warehouse=path("PERSONA_ACCESS_WAREHOUSE", chosen_home / "warehouse.duckdb"),
        seeds=path("PERSONA_ACCESS_SEEDS", root / "seeds"),
        published=path("PERSONA_ACCESS_PUBLISHED", chosen_home / "published"),
        published_masked=path("PERSONA_ACCESS_PUBLISHED_MASKED", chosen_home / "published_masked"),
        logins=path("PERSONA_ACCESS_LOGINS", root / "logins" / f"{target}.csv"),
        keep_releases=_count("PERSONA_ACCESS_KEEP_RELEASES", env, default=8),
        is_publishing_masked=_flag("PERSONA_ACCESS_PUBLISH_MASKED", env),
        memory_limit=_memory_limit(env.get("PERSONA_ACCESS_MEMORY_LIMIT", "") or "4GB"),
        threads=_count("PERSONA_ACCESS_THREADS", env, default=1),
        settle_seconds=(
            settle_seconds
            if settle_seconds is not None
            else _seconds("PERSONA_ACCESS_SETTLE_SECONDS", env, default=5.0)
        ),
        max_expanded_bytes=_bytes(
            "PERSONA_ACCESS_MAX_EXPANDED_SIZE", env.get("PERSONA_ACCESS_MAX_EXPANDED_SIZE") or "8GB"
        ),
        leave_files=(
            leave_files if leave_files is not None else _flag("PERSONA_ACCESS_LEAVE_FILES", env)
        ),
        metrics_file=(
            path("PERSONA_ACCESS_METRICS_FILE", root)
            if env.get("PERSONA_ACCESS_METRICS_FILE", "").strip()
            else None
        ),
        pushgateway=env.get("PERSONA_ACCESS_PUSHGATEWAY", "").strip() or None,
        runbook=env.get("PERSONA_ACCESS_RUNBOOK", "").strip() or "docs/runbook.md",
        alert_addresses=tuple(env.get("PERSONA_ACCESS_ALERTS", "").split()),
        age_identities=tuple(env.get("PERSONA_ACCESS_AGE_IDENTITY", "").split()),
    )
    refuse_foreign(
        (
            settings.home,
            *(zone.folder for zone in (main_zone, *zones.values())),
            settings.warehouse.parent,
            settings.published,
            settings.published_masked,
        ),
        target,
    )
    return settings


def _target(environ: Mapping[str, str]) -> str:
    target = environ.get("PERSONA_ACCESS_TARGET", "").strip() or DEV
    if target not in TARGETS:
        raise SettingsError(
            f"PERSONA_ACCESS_TARGET is '{target}': say one of {', '.join(TARGETS)}."
        )
    return target


def _without_secrets(url: str) -> str:
    """Refuse credentials in the address: it is shown in messages and kept in records."""
    if "@" in url or "?" in url:
        raise SettingsError(
            "The address of the drop zone holds more than a place: give s3://bucket/folder, "
            "az://container/folder or gs://bucket/folder, and the credentials in the "
            "environment or by the identity of the machine."
        )
    return url


def find_project_root(environ: Mapping[str, str]) -> Path:
    """Find the dbt project: PERSONA_ACCESS_PROJECT, else upwards from here, else this checkout."""
    named = environ.get("PERSONA_ACCESS_PROJECT", "").strip()
    if named:
        root = Path(named).expanduser().absolute()
        if not (root / "dbt_project.yml").is_file():
            raise SettingsError(
                f"PERSONA_ACCESS_PROJECT is {root}, but there is no dbt_project.yml: "
                "name the folder of the Persona Access project."
            )
        return root
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[3]):
        if _is_project(folder / "dbt_project.yml"):
            return folder
    raise SettingsError(
        f"No Persona Access project at {here} or above it: run the command inside the project, "
        "or set PERSONA_ACCESS_PROJECT to its folder."
    )


def _is_project(file: Path) -> bool:
    try:
        return re.search(r"^name:\s*persona_access\s*$", file.read_text("utf-8"), re.M) is not None
    except (OSError, UnicodeDecodeError):
        return False


def _seconds(variable: str, environ: Mapping[str, str], *, default: float) -> float:
    text = environ.get(variable, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise SettingsError(f"{variable} is '{text}': give a number of seconds, for example 5.")
    return seconds


def _count(variable: str, environ: Mapping[str, str], *, default: int) -> int:
    text = environ.get(variable, "").strip() or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{variable} is '{text}': give a whole number of at least 1.")
    return int(text)


def _flag(variable: str, environ: Mapping[str, str]) -> bool:
    word = environ.get(variable, "").strip().lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise SettingsError(f"{variable} is '{word}': say true or false.")


def _memory_limit(text: str) -> str:
    """Check the limit here, so that a typing error is a sentence and not a fault of DuckDB."""
    _bytes("PERSONA_ACCESS_MEMORY_LIMIT", text)
    return text.strip()


def _bytes(variable: str, text: str) -> int:
    match = _SIZE.match(text)
    if match is None:
        raise SettingsError(f"{variable} is '{text}': give a size such as 500MB or 4GB.")
    return int(float(match[1]) * _UNITS[match[2][0].upper()])
