"""Read one delivery by its format and check it against its contract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persona_access.base.contracts import Contract
from persona_access.base.errors import RefusalError
from persona_access.loader.discovery import Delivery
from persona_access.loader.manifest import Manifest
from persona_access.loader.read_csv import read_csv
from persona_access.loader.read_excel import read_excel
from persona_access.loader.read_parquet import read_parquet
from persona_access.loader.session import Connection, machine_faults_in_words, scalar
from persona_access.loader.staging import Provenance, Staged, create_faults_table
from persona_access.loader.text_scan import scan_text
from persona_access.loader.value_checks import record_value_faults

_MAX_FAULTS_SHOWN = 20


@dataclass(frozen=True)
class Checked:
    """A delivery ready to land: its rows, the number read, and the number of faulty ones."""

    staged: Staged
    n_read: int
    n_bad: int


def read_and_check(
    connection: Connection,
    delivery: Delivery,
    contract: Contract,
    manifest: Manifest | None,
    provenance: Provenance,
    work: Path,
    max_expanded_bytes: int,
) -> Checked:
    """Stage a delivery and fill the table `faults`.

    Raises RefusalError when the whole file cannot be accepted.
    """
    create_faults_table(connection)
    with machine_faults_in_words():
        staged = _read(connection, delivery, contract, provenance, work, max_expanded_bytes)
        n_read = staged.n_rows + staged.n_bad_before
        if n_read == 0:
            raise RefusalError(
                "The file has a header and no rows: export it again, or leave it out this week."
            )
        record_value_faults(connection, staged, contract)
    if manifest is not None:
        manifest.check_rows(n_read)
    n_bad = scalar(connection, "select count(*) from faults")
    if not contract.tolerates(n_bad=n_bad, n_read=n_read):
        raise RefusalError(
            f"{n_bad:,} of {n_read:,} rows are bad, more than the {contract.max_quarantined_rows} "
            f"or {contract.max_quarantined_share:.0%} that {contract.feed} may have (and never "
            f"more than half); the first: {fault_sentences(connection, 1)[0]}",
            details=fault_sentences(connection, _MAX_FAULTS_SHOWN),
        )
    return Checked(staged, n_read=n_read, n_bad=n_bad)


def _read(
    connection: Connection,
    delivery: Delivery,
    contract: Contract,
    provenance: Provenance,
    work: Path,
    max_expanded_bytes: int,
) -> Staged:
    target = work / "staged.parquet"
    if delivery.suffix == ".parquet":
        return read_parquet(
            connection, delivery.path, contract, provenance, target, max_expanded_bytes
        )
    if delivery.suffix == ".xlsx":
        return read_excel(
            connection, delivery.path, contract, provenance, target, max_expanded_bytes
        )
    scan = scan_text(
        delivery.path,
        is_gzip=delivery.suffix == ".csv.gz",
        work=work,
        max_expanded_bytes=max_expanded_bytes,
    )
    return read_csv(connection, scan, contract, provenance, target)


def fault_sentences(connection: Connection, n_most: int) -> tuple[str, ...]:
    """Describe the first faults, with their lines."""
    found = connection.execute(
        """
        select case when raw_line is null then 'row' else 'line' end, row_number, message
        from faults order by row_number limit ?
        """,
        [n_most],
    ).fetchall()
    return tuple(f"{what} {row_number}: {message}" for what, row_number, message in found)
