"""Check columns again once the others are known: codes beside names, and managers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from persona_access.base.contracts import Contract
from persona_access.loader.feed_mappings import likeness as like
from persona_access.loader.feed_mappings.likeness import SURE, Likeness, Sampled

_CODED = ("management_level", "cost_center")
_NEARLY_ALL = 0.9
_ENOUGH = 20


def look_again(
    chosen: dict[str, Likeness], columns: Sequence[Sampled], contract: Contract
) -> dict[str, Likeness]:
    """Return the chosen columns, corrected by the content of the others."""
    found = dict(chosen)
    found |= {known.target: known for known in _vocabularies(found, columns, contract)}
    for target in _CODED:
        found |= _codes_beside_names(found, target, columns, contract)
    if "manager_brid" in contract.column_names and "manager_brid" not in found:
        found |= {manager.target: manager for manager in _managers(found, columns)}
    return found


def _vocabularies(
    chosen: dict[str, Likeness], columns: Sequence[Sampled], contract: Contract
) -> Iterator[Likeness]:
    """Yield the only column that contains exactly the words of a vocabulary, whatever its name."""
    taken = {found.header for found in chosen.values()}
    for target in contract.columns:
        words = {word.casefold() for word in target.accepted_values}
        if target.name in chosen or not words or not target.is_required:
            continue
        found = [
            column
            for column in columns
            if column.header not in taken
            and len(values := {value.strip().casefold() for value in column.values}) > 1
            and values <= words
        ]
        if len(found) == 1:
            yield Likeness(found[0].header, target.name, SURE - 0.1, ("its words are the feed's",))


def _codes_beside_names(
    chosen: dict[str, Likeness], target: str, columns: Sequence[Sampled], contract: Contract
) -> dict[str, Likeness]:
    """Use 'Cost Center - ID' if 'Cost Center' contains both code and name, as in Workday."""
    found = chosen.get(target)
    if found is None or found.confidence < SURE:
        return {}
    wanted = like.words_of(found.header) | {"id"}
    coded = next(
        (
            column
            for column in columns
            if column.header != found.header and like.words_of(column.header) == wanted
        ),
        None,
    )
    named = next(column for column in columns if column.header == found.header)
    if coded is None or coded.values == named.values:
        return {}
    for other, likeness in list(chosen.items()):
        if likeness.header == coded.header and other != target:
            del chosen[other]
    pairs = [
        (code.strip(), name.strip())
        for code, name in zip(coded.cells, named.cells, strict=True)
        if code.strip() and name.strip()
    ]
    n_within = sum(code in name and code != name for code, name in pairs)
    if not pairs or n_within < _NEARLY_ALL * len(pairs):
        reasons = (*found.reasons, f"or is it '{coded.header}'?")
        return {target: Likeness(found.header, target, SURE - 0.01, reasons)}
    corrected = {
        target: Likeness(coded.header, target, 0.95, (f"'{found.header}' contains its codes, too",))
    }
    name = f"{target}_name"
    if name in contract.column_names and name not in chosen:
        corrected[name] = Likeness(found.header, name, 0.85, ("code and name in one",))
    return corrected


def _managers(chosen: dict[str, Likeness], columns: Sequence[Sampled]) -> Iterator[Likeness]:
    """Yield the only column that names employees of the same file repeatedly."""
    person = chosen.get("brid")
    if person is None or person.confidence < SURE:
        return
    taken = {found.header for found in chosen.values()}
    people = {
        like.normalise_key(value)
        for column in columns
        if column.header == person.header
        for value in column.values
    }
    found = [
        column
        for column in columns
        if column.header not in taken
        and len(column.values) >= _ENOUGH
        and column.share_unique < 0.5
        and sum(like.normalise_key(value) in people for value in column.values)
        >= _NEARLY_ALL * len(column.values)
    ]
    if len(found) == 1:
        is_named = "manager" in like.words_of(found[0].header)
        confidence = 0.9 if is_named else 0.6
        yield Likeness(found[0].header, "manager_brid", confidence, ("its values are employees",))
