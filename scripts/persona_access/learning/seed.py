"""The seeds that a training writes: the mappings, and the identity of the training."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from persona_access.base.cleaning import clean_text
from persona_access.base.errors import PersonaAccessError
from persona_access.base.files import new_file
from persona_access.learning.newcomers import Newcomers
from persona_access.learning.observations import ATTRIBUTES
from persona_access.learning.rows import CONFIDENCE_DIGITS, MappingRow
from persona_access.learning.settle import Change, as_markdown
from persona_access.learning.shift import Mix

MAPPINGS_FILE = "pretrained_mappings.csv"
# Attributes of the bank that a mapping uses in addition to the columns of its seed.
CONDITIONS_FILE = "pretrained_conditions.csv"
CONDITION_COLUMNS = ("mapping_id", "attribute_name", "attribute_value")
# The composition of cost centers at that time: every week is compared with it.
COST_CENTERS_FILE = "pretrained_cost_centers.csv"
TRAININGS_FILE = "pretrained_trainings.csv"
CHANGES_FILE = "pretrained_changes.md"
MAPPING_COLUMNS = (
    "mapping_id",
    "key_rank",
    "looks_at",
    *ATTRIBUTES,
    "persona_id",
    "confidence",
    "assured_precision",
    "support",
    "hits",
    "runner_up_persona_id",
    "runner_up_confidence",
    "third_persona_id",
    "third_confidence",
    "assurance_group",
    "newcomer_precision",
)


@dataclass(frozen=True)
class Training:
    """The data and settings of a training: same values, same mappings."""

    data_date: str
    first_extract_date: str
    n_extracts: int
    n_people: int
    n_personas: int
    inputs_sha256: str
    settings: str
    learner_version: str
    newcomers_since: str
    newcomers_until: str

    @property
    def training_id(self) -> str:
        """Return the id of the training, 12 digits."""
        text = "\x1f".join((self.inputs_sha256, self.settings, self.learner_version))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def write_seeds(
    folder: Path,
    rows: list[MappingRow],
    mixes: list[Mix],
    training: Training,
    changes: list[Change],
) -> None:
    """Replace the seeds of the folder and the page of changed decisions beside them.

    Raises PersonaAccessError, and writes nothing, if staging would treat two keys as one.
    """
    _check_keys(rows)
    _replace(
        folder / CONDITIONS_FILE,
        CONDITION_COLUMNS,
        [
            (row.mapping_id, name, value)
            for row in rows
            for name, value in row.key.items()
            if name not in ATTRIBUTES
        ],
    )
    _replace(
        folder / COST_CENTERS_FILE,
        tuple(Mix.__dataclass_fields__),
        [tuple(vars(mix).values()) for mix in mixes],
    )
    fields = ("training_id", *Training.__dataclass_fields__)
    _replace(folder / TRAININGS_FILE, fields, [tuple(getattr(training, name) for name in fields)])
    _replace(
        folder / MAPPINGS_FILE,
        MAPPING_COLUMNS,
        [cells(row) for row in rows],
    )
    _write(folder / CHANGES_FILE, as_markdown(changes, training.training_id))


def read_mappings(folder: Path) -> list[MappingRow]:
    """Read the mappings of a folder; none if they are missing or of an older release."""
    conditions: dict[str, dict[str, str]] = {}
    for line in _lines(folder / CONDITIONS_FILE):
        conditions.setdefault(line["mapping_id"], {})[line["attribute_name"]] = line[
            "attribute_value"
        ]
    lines = _lines(folder / MAPPINGS_FILE)
    if lines and set(lines[0]) != set(MAPPING_COLUMNS):
        return []
    return [_row_of(line, conditions.get(line["mapping_id"], {})) for line in lines]


def read_newcomers(folder: Path) -> Newcomers:
    """Read which newcomers the current training covers; none without a training."""
    for line in _lines(folder / TRAININGS_FILE):
        return Newcomers(
            line.get("newcomers_since", ""), line.get("newcomers_until", ""), line["data_date"]
        )
    return Newcomers()


def _lines(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _row_of(line: dict[str, str], own: dict[str, str]) -> MappingRow:
    names = ("", "runner_up_", "third_")
    places = [name for name in names if line[f"{name}persona_id"]]
    return MappingRow(
        key_rank=int(line["key_rank"]),
        key={name: (line | own)[name] for name in line["looks_at"].split("+")},
        personas=tuple(line[f"{name}persona_id"] for name in places),
        confidences=tuple(float(line[f"{name}confidence"]) for name in places),
        assured_precision=float(line["assured_precision"]),
        support=int(line["support"]),
        hits=int(line["hits"]),
        group=line["assurance_group"],
        newcomer_precision=float(line["newcomer_precision"]),
    )


def _check_keys(rows: list[MappingRow]) -> None:
    """Compare the keys as staging does: cleaned, and in lower case."""
    seen: dict[tuple[str, ...], MappingRow] = {}
    for row in rows:
        values = ((clean_text(value) or "").lower() for value in row.key.values())
        other = seen.setdefault((row.looks_at, *values), row)
        if other is not row:
            shown = " and ".join(", ".join(map(repr, each.key.values())) for each in (other, row))
            raise PersonaAccessError(
                f"Two mappings would have one key, {shown}: they differ by invisible characters. "
                "Load the headcount again with this release, which removes them, and train again."
            )


def cells(row: MappingRow) -> tuple[object, ...]:
    """Return the cells of a row of the seed."""
    suggestions: list[str] = []
    for place in range(3):
        has_one = place < len(row.personas)
        suggestions += [
            row.personas[place] if has_one else "",
            f"{row.confidences[place]:.{CONFIDENCE_DIGITS}f}" if has_one else "",
        ]
    return (
        row.mapping_id,
        row.key_rank,
        row.looks_at,
        *(row.key.get(name, "") for name in ATTRIBUTES),
        *suggestions[:2],
        f"{row.assured_precision:.{CONFIDENCE_DIGITS}f}",
        row.support,
        row.hits,
        *suggestions[2:],
        row.group,
        f"{row.newcomer_precision:.{CONFIDENCE_DIGITS}f}",
    )


def _replace(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = new_file(path.with_name(path.name + ".part"))
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
