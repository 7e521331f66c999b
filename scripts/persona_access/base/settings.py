"""Read the settings of a run: options first, then environment variables, then defaults.

`base/variables.py` declares every variable. Relative paths in environment variables start at the
project root, where dbt runs; relative paths in command-line options start at the working
directory.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from persona_access.base.errors import SettingsError
from persona_access.base.paths import refuse_unusable
from persona_access.base.targets import refuse_foreign

if TYPE_CHECKING:
    from pydantic import ValidationError

    from persona_access.base.variables import DropZone as DropZone
    from persona_access.base.variables import Group
    from persona_access.base.variables import Settings as Settings

    G = TypeVar("G", bound=Group)

_DROP_ZONE = "PERSONA_ACCESS_DROP_ZONE"


def __getattr__(name: str) -> Any:
    """Import the declared classes when they are first used: pydantic is slow to import."""
    if name in {"DropZone", "Settings"}:
        from persona_access.base import variables

        return getattr(variables, name)
    raise AttributeError(name)


def load_settings(
    *,
    home: Path | None = None,
    drop_zone: str | None = None,
    settle_seconds: float | None = None,
    leave_files: bool | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the environment; an option that is not None overrides its variable.

    Raises SettingsError when the project cannot be found, a variable is unknown, a value is not
    allowed, or a folder belongs to another target. The sentence names every wrong variable.
    """
    from persona_access.base.variables import ZONE_OF_FEED, Settings

    env = _given(os.environ if environ is None else environ)
    _refuse_unknown(env)
    options: dict[str, Any] = {
        "home": home.expanduser().absolute() if home else None,
        "settle_seconds": settle_seconds,
        "leave_files": leave_files,
    }
    zones = {name: text for name, text in env.items() if name.startswith(ZONE_OF_FEED)}
    if drop_zone is not None:
        # An option applies to this run only, so it applies to every feed.
        zones = {}
        is_address = "://" in drop_zone
        options["main_zone"] = (
            drop_zone if is_address else str(Path(drop_zone).expanduser().absolute())
        )
    options = {name: value for name, value in options.items() if value is not None}
    origins = dict.fromkeys(options, "option")
    if zones:
        options["zones_of_feeds"] = {
            name.removeprefix(ZONE_OF_FEED).lower(): text for name, text in sorted(zones.items())
        }
        origins["zones_of_feeds"] = "environment"
    settings = _read(
        Settings,
        env,
        options | {"project_root": find_project_root(env)},
        origins,
    )
    refuse_unusable(
        (
            settings.project_root,
            settings.home,
            *(zone.folder for zone in (settings.main_zone, *settings.zones_of_feeds.values())),
            settings.warehouse,
            settings.seeds,
            settings.published,
            settings.published_masked,
        )
    )
    refuse_foreign(
        (
            settings.home,
            *(zone.folder for zone in (settings.main_zone, *settings.zones_of_feeds.values())),
            settings.warehouse.parent,
            settings.published,
            settings.published_masked,
        ),
        settings.target,
    )
    return settings


def load_group(group: type[G], environ: Mapping[str, str] | None = None) -> G:
    """Read one group of variables that does not depend on another.

    Raises SettingsError when a value is not allowed.
    """
    return _read(group, _given(os.environ if environ is None else environ), {})


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the project that have a value; an empty one means the default."""
    return {
        name: text.strip()
        for name, text in environ.items()
        if name.startswith("PERSONA_ACCESS_") and text.strip()
    }


def _read(
    group: type[G],
    env: Mapping[str, str],
    options: Mapping[str, Any],
    origins: Mapping[str, str] | None = None,
) -> G:
    from pydantic import ValidationError
    from pydantic_settings import EnvSettingsSource

    source = EnvSettingsSource(group, case_sensitive=True)
    source.env_vars = env
    names = {str(field.validation_alias): name for name, field in group.model_fields.items()}
    found = {names.get(name, name): value for name, value in source().items()}
    values: dict[str, Any] = found | dict(options)
    if origins is not None:
        values["origins"] = dict.fromkeys(found, "environment") | dict(origins)
    try:
        return group(**values)
    except ValidationError as error:
        raise SettingsError(_sentence(group, error, options)) from None


def _sentence(group: type[G], error: ValidationError, options: Mapping[str, Any]) -> str:
    """Name every wrong variable, its value unless it is secret, and what is allowed."""
    names = {str(field.validation_alias): name for name, field in group.model_fields.items()}
    faults = []
    for fault in error.errors(include_url=False):
        if fault["type"] == "default_factory_not_called":
            continue  # This value depends on another wrong value, which the message names.
        variable = str(fault["loc"][0])
        name = names.get(variable, variable)
        field = group.model_fields[name]
        variable = str(field.validation_alias)
        if variable.endswith("<FEED>"):
            variable = variable.replace("<FEED>", str(fault["loc"][1]).upper())
        if name in options and name != "zones_of_feeds":
            variable = f"--{name.replace('main_zone', 'drop_zone').replace('_', '-')}"
        documented: dict[str, Any] = field.json_schema_extra  # type: ignore[assignment]
        if fault["type"] == "value_error" and str(fault["ctx"]["error"]):
            said = str(fault["ctx"]["error"])
        else:
            text = "" if documented["is_secret"] else f" '{fault['input']}'"
            said = f"is{text or ' not usable'}: give {documented['allowed']}"
        faults.append(f"{variable} {said}")
    return "; ".join(faults) + "."


def _refuse_unknown(env: Mapping[str, str]) -> None:
    """Refuse an unknown variable: a typing error would silently mean the default."""
    from persona_access.base.variables import PREFIX, REPLACED, ZONE_OF_FEED, declarations

    known = {declaration.variable for declaration in declarations()}
    faults = []
    for name in sorted(env):
        if name in known or name.startswith(ZONE_OF_FEED):
            continue
        if instead := REPLACED.get(name.removeprefix(PREFIX)):
            faults.append(f"{name} no longer exists: {instead}")
        elif close := difflib.get_close_matches(name, known, n=1, cutoff=0.85):
            faults.append(f"{name} is not a variable of this project, {close[0]} is: rename it")
        else:
            faults.append(f"{name} is not a variable of this project: unset it")
    if faults:
        raise SettingsError("; ".join(faults) + ".")


def find_project_root(environ: Mapping[str, str]) -> Path:
    """Find the dbt project: PERSONA_ACCESS_PROJECT, else upwards from here, else this checkout."""
    named = environ.get("PERSONA_ACCESS_PROJECT", "").strip()
    if named:
        root = Path(named).expanduser().absolute()
        if not (root / "dbt_project.yml").is_file():
            raise SettingsError(
                f"PERSONA_ACCESS_PROJECT is {root}, which has no dbt_project.yml: set it to "
                "the folder of the Persona Access project."
            )
        return root
    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise SettingsError(
            "The current working directory no longer exists: change to another one and run "
            "the command again."
        ) from error
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
