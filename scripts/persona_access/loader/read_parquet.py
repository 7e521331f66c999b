"""Read a Parquet delivery: typed columns become the text a person would write."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from persona_access.base.contracts import Contract
from persona_access.base.errors import RefusalError
from persona_access.loader.header import match_columns
from persona_access.loader.session import Connection, file, machine_faults_in_words, name
from persona_access.loader.staging import Provenance, Staged, stage

# Above this a floating-point number no longer holds every whole number.
_MAX_EXACT_WHOLE = 2**53


def read_parquet(
    connection: Connection,
    path: Path,
    contract: Contract,
    provenance: Provenance,
    target: Path,
    max_expanded_bytes: int,
) -> Staged:
    """Stage the rows of a Parquet file; raises RefusalError when it is not a table of the feed."""
    schema = _read_schema(path, max_expanded_bytes)
    columns = match_columns(schema.names, contract)
    for field in schema:
        if pa.types.is_nested(field.type) or _is_binary(field.type):
            raise RefusalError(
                f"Column '{field.name}' holds {field.type} values, which are not plain "
                "values: write it as a text column."
            )
    selected = ", ".join(
        f"{_as_text(name(field.name), field.type)} as {name(column)}"
        for field, column in zip(schema, columns, strict=True)
    )
    relation = f"""(
        select {selected}, file_row_number + 2 as row_number
        from read_parquet({file(path)}, file_row_number = true)
    )"""  # noqa: S608 - names are escaped
    try:
        with machine_faults_in_words():
            n_staged = stage(connection, relation, columns, contract, provenance, target)
    except duckdb.Error as error:
        raise RefusalError(
            f"The Parquet file is damaged ({_first_line(error)}): write or transfer it again."
        ) from error
    return Staged(
        target, n_staged, n_bad_before=0, raw_lines=None, may_hold_control_characters=True
    )


def _read_schema(path: Path, max_expanded_bytes: int) -> pa.Schema:
    try:
        with pq.ParquetFile(path) as parquet:
            metadata = parquet.metadata
            schema = parquet.schema_arrow
            n_bytes = sum(
                metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)
            )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RefusalError(
            f"The file is not a sound Parquet file ({_first_line(error)}): write or transfer it "
            "again, or give it the ending of its real format."
        ) from error
    # Run-length encoding stores a million equal values in nothing: values count as bytes too.
    if max(n_bytes, metadata.num_rows * len(schema)) > max_expanded_bytes:
        raise RefusalError(
            f"The file expands to more than {max_expanded_bytes:,} bytes: if that is genuine, "
            "raise PERSONA_ACCESS_MAX_EXPANDED_SIZE and deliver it again."
        )
    return schema


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _as_text(value: str, kind: pa.DataType) -> str:
    """Whole numbers lose the `.0` that a column with gaps gives them in data frames."""
    if pa.types.is_floating(kind):
        return (
            f"case when {value} = trunc({value}) and abs({value}) < {_MAX_EXACT_WHOLE} "
            f"then {value}::bigint::varchar else {value}::varchar end"
        )
    if pa.types.is_decimal(kind):
        return (
            f"case when {value} = trunc({value}) then trunc({value})::hugeint::varchar "
            f"else {value}::varchar end"
        )
    return f"{value}::varchar"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0].rstrip(".")
