"""Check the files that people edit before dbt starts: seeds, vars, profiles, YAML.

dbt takes half a minute to find a bad cell, and then names a wrong line. Here, each fault is a
sentence with file, line, column, value, and what is allowed. The YAML of the seeds declares types
and accepted values.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from persona_access.base.contracts import read_contracts
from persona_access.base.errors import SettingsError
from persona_access.base.files import write_atomically
from persona_access.base.printable import counted, printable
from persona_access.base.project_vars import ProjectVars, faults_of_vars
from persona_access.base.scratch import target_folder
from persona_access.base.settings import Settings
from persona_access.base.yaml_lines import compose, line_at, lines_of

_SHOWN = 20
_SHARES_OF_FEEDS = ("feed_max_shrink_share", "feed_max_growth_share")
_WORDS = 60


@dataclass(frozen=True)
class Fault:
    """One fault in a file. `line` counts from 1."""

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.what}"


# The states of files that were checked and are valid: a command checks several times.
_sound: set[str] = set()


def check_project(settings: Settings, *, is_kept: bool = True) -> None:
    """Raise SettingsError that lists every fault of the project's files, if there is one.

    Reading the YAML takes a third of a second, so a file keeps the state that was valid;
    `is_kept=False` reads it regardless.
    """
    state = _state(settings)
    kept = target_folder(settings) / "sound_project.sha256"
    with suppress(OSError, UnicodeDecodeError):
        if is_kept and (state in _sound or kept.read_text("ascii") == state):
            return
    _refuse(list(find_faults(settings)))
    _sound.add(state)
    with suppress(OSError):
        write_atomically(kept, state)


def read_project_vars(settings: Settings) -> dict[str, Any]:
    """Return the vars of dbt_project.yml.

    Raises SettingsError if a var has a value that is not allowed, or the file cannot be read.
    """
    root = settings.project_root
    project = _read_yaml(root, root / "dbt_project.yml")
    if isinstance(project, Fault):
        _refuse([project])
        return {}
    _refuse(list(_faults_of_project(project)))
    return _vars(project)


def check_given_vars(settings: Settings, given: Mapping[str, Any]) -> None:
    """Raise SettingsError if a var on the command line has a value that is not allowed."""
    if not given:
        return
    project = read_project_vars(settings)
    known = list(ProjectVars.model_fields)
    _refuse(
        [
            Fault("--vars", None, _said_of_var(where, value, allowed, known))
            for where, value, allowed in faults_of_vars({**project, **given})
        ]
    )


def _said_of_var(where: tuple[str, ...], value: Any, allowed: str, known: list[str]) -> str:
    name = ".".join(where)
    said = f"{name} is '{_cut(value)}'" if value is not None else f"{name} has no value"
    meant = "" if where[0] in known else _meant(where[0], known)
    return f"{said}; allowed: {allowed}{meant}"


def _state(settings: Settings) -> str:
    root = settings.project_root
    files = [
        root / "dbt_project.yml",
        root / "profiles.yml",
        *sorted(settings.seeds.glob("*.csv")),
        *sorted(settings.models.rglob("*.yml")),
        # What checks them.
        *sorted(Path(__file__).parent.glob("*.py")),
    ]
    found = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.is_file()]
    return sha256(repr((settings.target, version("dbt-core"), found)).encode()).hexdigest()


def _refuse(faults: list[Fault]) -> None:
    if not faults:
        return
    shown = [str(fault) for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        shown.append(f"and {len(faults) - _SHOWN:,} more")
    if len(shown) == 1:
        raise SettingsError(shown[0])
    lines = "\n".join(f"  {sentence}" for sentence in shown)
    raise SettingsError(f"{len(faults):,} faults in the project's files:\n{lines}")


def find_faults(settings: Settings) -> Iterator[Fault]:
    """Find every fault of the project's files."""
    root = settings.project_root
    project = _read_yaml(root, root / "dbt_project.yml")
    if isinstance(project, Fault):
        yield project
    else:
        yield from _faults_of_project(project)
    profiles = _read_yaml(root, root / "profiles.yml")
    if isinstance(profiles, Fault):
        yield profiles
    else:
        yield from _faults_of_profiles(profiles, settings)
    folder = settings.models
    declared: Document | None = None
    feeds: list[str] = []
    for file in sorted(folder.rglob("*.yml")):
        text = file.read_bytes()
        found = _read_yaml(root, file, text)
        if isinstance(found, Fault):
            yield found
        elif file == folder / "staging" / "decisions" / "_decisions__seeds.yml":
            declared = found
        else:
            feeds += _feeds(found)
    if not isinstance(project, Fault):
        yield from _faults_of_feed_names(project, feeds)
    if declared is not None:
        yield from _faults_of_seeds(settings, declared.value["seeds"])


@dataclass(frozen=True)
class Document:
    """A YAML file: its value, and the line of each key, by the path to it."""

    file: str
    value: Any
    lines: dict[tuple[str, ...], int]

    def line(self, path: tuple[str, ...]) -> int | None:
        """Return the line of a path, or of the nearest one above it."""
        return line_at(self.lines, path)


def _read_yaml(root: Path, file: Path, content: bytes | None = None) -> Document | Fault:
    """Read a YAML file as dbt does; report the place of an error."""
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
    try:
        text = (file.read_bytes() if content is None else content).decode("utf-8-sig")
        loader = yaml.CSafeLoader(text)
        node = compose(loader)
        # This comes before the values are constructed, because that removes `<<` from the nodes.
        lines = lines_of(node)
        value = loader.construct_document(node) if node else None
    except FileNotFoundError:
        return Fault(name, None, "is missing")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Fault(name, line, "is not UTF-8; save the file as UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Fault(
            name,
            mark.line + 1 if mark else None,
            f"is not YAML: {error.problem or error.context}"
            + (f", at character {mark.column + 1}" if mark else "")
            + "; check the indentation, colons and quotes there and in the line before",
        )
    except yaml.YAMLError as error:
        return Fault(name, None, f"is not YAML: {printable(str(error))}")
    if not isinstance(value, dict):
        return Fault(name, 1, "is not a mapping of keys to values, `key: value` a line")
    return Document(name, value, lines)


def _faults_of_project(project: Document) -> Iterator[Fault]:
    known = _known_keys()
    for key in project.value:
        if known and str(key) not in known:
            yield Fault(
                project.file,
                project.line((str(key),)),
                f"'{_cut(key)}' is not a key of dbt_project.yml{_meant(str(key), known)}",
            )
    if not isinstance(project.value.get("vars"), dict):
        yield Fault(
            project.file, project.line(("vars",)), "vars is not a mapping of vars to values"
        )
        return
    for where, value, allowed in faults_of_vars(_vars(project)):
        said = _said_of_var(where, value, allowed, list(ProjectVars.model_fields))
        yield Fault(project.file, project.line(("vars", *where)), said)


def _feeds(declaration: Document) -> list[str]:
    """Return the feeds that a file declares among its sources."""
    return [
        str(feed.get("name") or table["name"])
        for source in declaration.value.get("sources") or []
        for table in source.get("tables") or []
        if (feed := (table.get("config") or {}).get("meta", {}).get("feed")) is not None
    ]


def _faults_of_feed_names(project: Document, feeds: list[str]) -> Iterator[Fault]:
    """Find limits for feeds that do not exist: the intended feed would silently use the default."""
    found = project.value.get("vars")
    given = _vars(project) if isinstance(found, dict) else {}
    for name in _SHARES_OF_FEEDS:
        shares = given.get(name)
        for feed in shares if isinstance(shares, dict) else ():
            if feed != "default" and feed not in feeds:
                yield Fault(
                    project.file,
                    project.line(("vars", name, str(feed))),
                    f"{name}.{_cut(feed)} names no feed; allowed: default, {', '.join(feeds)}"
                    f"{_meant(str(feed), feeds)}",
                )


def _vars(project: Document) -> dict[str, Any]:
    """Return the vars; dbt also accepts them below the project's name."""
    given, name = project.value["vars"], project.value.get("name")
    scoped = given.get(name)
    others = {key: value for key, value in given.items() if key != name}
    return {**others, **scoped} if isinstance(scoped, dict) else others


def _known_keys() -> list[str]:
    """Read the keys that dbt accepts from the schema that it ships; empty if it ships none."""
    package = find_spec("dbt.jsonschemas")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "project" / "latest.json"
        if file.is_file():
            return sorted(json.loads(file.read_text("utf-8")).get("properties", {}))
    return []


def _faults_of_profiles(profiles: Document, settings: Settings) -> Iterator[Fault]:
    profile = profiles.value.get("persona_access")
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    if not isinstance(outputs, dict):
        yield Fault(profiles.file, None, "has no profile persona_access with outputs")
    elif settings.target not in outputs:
        yield Fault(
            profiles.file,
            profiles.line(("persona_access", "outputs")),
            f"has no output for the target '{settings.target}'; there are: {', '.join(outputs)}",
        )
    elif not isinstance(outputs[settings.target], dict) or "type" not in outputs[settings.target]:
        yield Fault(
            profiles.file,
            profiles.line(("persona_access", "outputs", settings.target)),
            f"the output '{settings.target}' has no type; the project's is duckdb",
        )


def _faults_of_seeds(settings: Settings, seeds: list[dict[str, Any]]) -> Iterator[Fault]:
    root, folder = settings.project_root, settings.seeds
    if not folder.is_dir():
        yield Fault(
            str(folder),
            None,
            "this folder of decisions does not exist: set PERSONA_ACCESS_SEEDS to a folder "
            "inside the project that has each file of seeds/; a file without decisions has "
            "only its header",
        )
        return
    unread = _words_unread(settings)
    for seed in seeds:
        file = folder / f"{seed['name']}.csv"
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
        if not file.is_file() and is_optional_seed(seed):
            continue
        if not file.is_file():
            yield Fault(
                name,
                None,
                "is missing; if there are no decisions for it, write it with only its header",
            )
        else:
            yield from _faults_of_seed(name, file, seed, unread.get(seed["name"], {}))
    names = [seed["name"] for seed in seeds]
    for file in sorted(folder.glob("*.csv")):
        if file.stem not in names:
            yield Fault(
                file.name,
                None,
                f"is not a seed of the project{_meant(file.stem, names)}; remove it",
            )


def is_optional_seed(seed: dict[str, Any]) -> bool:
    """Return whether a folder of decisions can lack the seed, as folders older than the seed do."""
    return bool(seed["config"].get("meta", {}).get("is_optional", False))


def write_optional_seeds(settings: Settings) -> None:
    """Write each missing optional seed, with only its header: dbt needs the file."""
    for seed in declared_seeds(settings):
        file = settings.seeds / f"{seed['name']}.csv"
        if is_optional_seed(seed) and not file.is_file():
            write_atomically(file, header_of(seed))


def header_of_seed(settings: Settings, name: str) -> str:
    """Return the header of a seed, with the columns in the order of its declaration."""
    return next(header_of(seed) for seed in declared_seeds(settings) if seed["name"] == name)


def declared_seeds(settings: Settings) -> list[dict[str, Any]]:
    """Return the declaration of every seed."""
    declared = settings.models / "staging" / "decisions" / "_decisions__seeds.yml"
    seeds: list[dict[str, Any]] = yaml.load(declared.read_text("utf-8"), Loader=yaml.CSafeLoader)[
        "seeds"
    ]
    return seeds


def header_of(seed: dict[str, Any]) -> str:
    """Return the header of a declared seed."""
    return ",".join(column["name"] for column in seed["columns"]) + "\n"


def _words_unread(settings: Settings) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the words that a seed must not use, because the headcount reads them as empty."""
    headcount = read_contracts(settings.models)["hr_headcount"]
    words = {column.name: sum(headcount.words_of(column), ()) for column in headcount.columns}
    return {"mapping_rules": {name: words[name] for name in ("management_level", "cost_center")}}


def _faults_of_seed(
    name: str, file: Path, seed: dict[str, Any], unread: Mapping[str, tuple[str, ...]]
) -> Iterator[Fault]:
    types = {column: _type(text) for column, text in seed["config"]["column_types"].items()}
    accepted = {
        column["name"]: column.get("config", {}).get("meta", {}).get("accepted_values")
        for column in seed["columns"]
    }
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        yield Fault(name, line, "is not UTF-8; save the file as UTF-8")
        return
    if "\0" in text:
        yield Fault(name, text[: text.index("\0")].count("\n") + 1, "has a NUL character")
        return
    # Not `splitlines`: it also breaks lines at characters that a cell can contain, such as U+2028.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        meta = seed["config"].get("meta", {})
        former = [column for column in meta.get("former_columns", ()) if column in header]
        required = [name for name in types if name not in meta.get("later_columns", ())]
        if faults := list(_faults_of_header(name, header, [*types, *former], required)):
            yield from faults
            return
        checks = [
            (column, check)
            for column in header
            if (check := _check(types.get(column, "string"), accepted.get(column)))
        ] + [(column, _unread(words)) for column, words in unread.items() if column in header]
        positions = [(header.index(column), column, check) for column, check in checks]
        line = reader.line_num + 1
        for row in reader:
            if row and len(row) != len(header):
                yield Fault(
                    name,
                    line,
                    f"has {counted(len(row), 'cell')}, and the header has {len(header):,}; put a "
                    "cell with a comma in double quotes"
                    + (f" (the last cell is '{_cut(row[-1])}')" if row[-1] else ""),
                )
            elif row:
                for position, column, check in positions:
                    cell = row[position]
                    if cell and (allowed := check(cell)):
                        yield Fault(
                            name, line, f"column {column} is '{_cut(cell)}'; allowed: {allowed}"
                        )
            line = reader.line_num + 1
    except csv.Error as error:
        yield Fault(
            name,
            reader.line_num,
            f"is not CSV ({error}); put a cell with a comma, a quote or a line break in double "
            "quotes, and double each quote in it",
        )


def _faults_of_header(
    name: str, header: list[str], declared: list[str], required: list[str]
) -> Iterator[Fault]:
    if not header:
        yield Fault(name, 1, f"has no header; its columns are {', '.join(declared)}")
        return
    unknown = [column for column in header if column not in declared]
    missing = [column for column in required if column not in header]
    for sign, what in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and set(required) <= set(header[0].split(sign)):
            yield Fault(name, 1, f"has {what} between its cells; save it with commas")
            return
    if not set(header) & set(declared):
        yield Fault(name, 1, f"is not a header; the columns are {', '.join(declared)}")
        return
    for column in unknown:
        yield Fault(
            name, 1, f"'{_cut(column)}' is not a column of this file{_meant(column, missing)}"
        )
    if missing:
        yield Fault(name, 1, f"lacks the column {', '.join(missing)}")
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Fault(name, 1, f"has the column '{_cut(column)}' twice")


def _type(text: str) -> str:
    """Return the declared type; the type of text can be declared differently for each engine."""
    return "string" if "{{" in text else text.lower()


def _check(data_type: str, accepted: list[str] | None) -> Callable[[str], str] | None:
    """Return a check of a cell: it gives '' for a valid cell, otherwise what is allowed."""
    if accepted:
        words = ", ".join(accepted)
        return lambda cell: "" if cell.strip().lower() in accepted else words
    if data_type == "date":
        return lambda cell: "" if _is_date(cell) else "an existing date as YYYY-MM-DD"
    if data_type == "boolean":
        return lambda cell: "" if cell.lower() in ("true", "false") else "true, false or nothing"
    if data_type in ("integer", "bigint"):
        return lambda cell: "" if _is_whole(cell) else "a whole number up to 2147483647, or nothing"
    if data_type.startswith(("numeric", "decimal", "double", "float")):
        return lambda cell: "" if _NUMBER.match(cell) else "a number such as 0.95"
    return None


def _unread(words: tuple[str, ...]) -> Callable[[str], str]:
    said = (
        "a value; hr_headcount reads this one as empty until it is listed in real_values of "
        "its column"
    )
    return lambda cell: said if cell.strip().lower() in words else ""


_NUMBER = re.compile(r"^-?\d+(\.\d+)?([eE]-?\d+)?$", re.ASCII)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_WHOLE = re.compile(r"^-?\d{1,10}$", re.ASCII)
_LARGEST = 2**31


def _is_date(cell: str) -> bool:
    if not _DATE.match(cell):
        return False
    try:
        return bool(date.fromisoformat(cell))
    except ValueError:
        return False


def _is_whole(cell: str) -> bool:
    return bool(_WHOLE.match(cell)) and -_LARGEST <= int(cell) < _LARGEST


def _meant(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; {close[0]} is probably meant" if close else ""


def _cut(value: object) -> str:
    text = printable(str(value))
    return text if len(text) <= _WORDS else f"{text[:_WORDS]}..."
