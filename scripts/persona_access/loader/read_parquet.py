"""Read a Parquet delivery: typed columns become text as a person would write it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from persona_access.base.contracts import Contract
from persona_access.base.errors import RefusalError
from persona_access.base.sql import statement
from persona_access.loader.expand import too_large
from persona_access.loader.header import match_columns
from persona_access.loader.session import Connection, file, machine_faults_in_words, name
from persona_access.loader.staging import Into, Staged, stage

# The first whole number that a floating-point number cannot hold exactly, by its bits.
_FIRST_INEXACT = {16: 2**11, 32: 2**24, 64: 2**53}
_MAX_DECIMAL_DIGITS = 38
_ROW_NUMBER = "file_row_number"
_BATCH_ROWS = 1 << 16


def read_parquet(
    connection: Connection,
    path: Path,
    into: Into,
    max_expanded_bytes: int,
) -> Staged:
    """Stage the rows of a Parquet file; raises RefusalError if it is not a table of the feed."""
    contract = into.contract
    schema = _read_schema(path, max_expanded_bytes)
    columns = match_columns(schema.names, contract)
    for field, column in zip(schema, columns, strict=True):
        # A column that the contract does not name must not stop a week: it is kept as text.
        is_read = column in contract.column_names or not contract.column_names
        if is_read and (pa.types.is_nested(field.type) or _is_binary(field.type)):
            raise RefusalError(
                f"Column '{field.name}' contains {field.type} values, which are not simple "
                "values: write it as a text column."
            )
        if pa.types.is_decimal(field.type) and field.type.precision > _MAX_DECIMAL_DIGITS:
            raise RefusalError(
                f"Column '{field.name}' is a decimal of {field.type.precision} digits, of which "
                f"only {_MAX_DECIMAL_DIGITS} can be read exactly: write it as a text column."
            )
    if _ROW_NUMBER in schema.names:
        raise RefusalError(
            f"Column '{_ROW_NUMBER}' has a name that the Parquet reader reserves: omit the "
            "column, or rename it."
        )
    _check_pages(path)
    _check_floats(connection, path, schema, columns, contract)
    selected = ", ".join(
        f"{_as_text(name(field.name), field.type)} as {name(column)}"
        for field, column in zip(schema, columns, strict=True)
    )
    numbered = f"{selected}, file_row_number + 2 as row_number"
    source = f"read_parquet({file(path)}, file_row_number = true)"
    relation = f"(select {numbered} from {source})"  # noqa: S608 - names are quoted
    try:
        with machine_faults_in_words():
            n_staged = stage(connection, relation, columns, into)
    except duckdb.Error as error:
        raise _damaged(path, error) from error
    return Staged(into.parquet, columns, n_staged)


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
            f"The file is not a valid Parquet file ({_first_line(error)}): write or transfer "
            "it again, or give it the ending of its real format."
        ) from error
    # Run-length encoding stores a million equal values in a few bytes, so values are counted, too.
    if max(n_bytes, metadata.num_rows * len(schema)) > max_expanded_bytes:
        raise too_large("file", max_expanded_bytes)
    return schema


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _check_floats(
    connection: Connection,
    path: Path,
    schema: pa.Schema,
    columns: Sequence[str],
    contract: Contract,
) -> None:
    """Refuse inexact numbers: as floats, 16777217 and 16777216 are the same."""
    for field, column in zip(schema, columns, strict=True):
        if not pa.types.is_floating(field.type) or column not in contract.column_names:
            continue
        limit = _FIRST_INEXACT[field.type.bit_width]
        try:
            found = connection.execute(
                statement(__package__, "inexact_floats", number=name(field.name), file=file(path)),
                {"first_inexact": limit},
            ).fetchone()
        except duckdb.Error as error:
            raise _damaged(path, error) from error
        if found is not None:
            raise RefusalError(
                f"Row {found[0]} has {found[1]:.0f} in column '{field.name}', which is a "
                f"{field.type}: from {limit:,} on that does not hold every whole number, so two of "
                "them may have become one. Write the column as text."
            )


def _check_pages(path: Path) -> None:
    """Verify the checksums of the pages, if the file has any; DuckDB does not."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
            for _ in parquet.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                pass
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> RefusalError:
    words = _first_line(error).replace(str(path), path.name)
    return RefusalError(f"The Parquet file is damaged ({words}): write or transfer it again.")


def _as_text(value: str, kind: pa.DataType) -> str:
    """Return SQL that removes the `.0` of data frames from whole numbers."""
    if pa.types.is_floating(kind):
        return (
            f"case when isnan({value}) then null when isinf({value}) then {value}::varchar "
            f"when {value} = trunc({value}) and abs({value}) < {_FIRST_INEXACT[kind.bit_width]} "
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
