"""Stage a text without quotes: Arrow needs less than half of DuckDB's time to read and write it.

Without quotes, a line is a row and a delimiter always separates two values, so Arrow and DuckDB
cannot read the text differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from persona_access.base.contracts import Contract
from persona_access.loader.feed_mappings.batches import BatchMapper
from persona_access.loader.staging import Into

# One block is one row group of about 100,000 rows; it must be longer than the longest line.
_BLOCK_BYTES = 1 << 24
# Each line is held in memory; a file with more of them would be refused anyway.
_MOST_ODD_LINES = 100_000

Ints = npt.NDArray[np.int64]


class OddLines:
    """The lines of a text whose number of values differs from the header.

    `lines` has the number and text of each, in order; the header is line 1.
    """

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []

    def take(self, row: pyarrow.csv.InvalidRow) -> str:
        """Store a line that Arrow cannot read; a text with too many is not a table."""
        self.lines.append((row.number, row.text))
        return "skip" if len(self.lines) <= _MOST_ODD_LINES else "error"

    def number(self, numbers: Ints) -> Ints:
        """Convert row numbers, which do not count the odd lines, to line numbers."""
        rows_before = np.array(
            [line - at for at, (line, _) in enumerate(self.lines)], dtype="int64"
        )
        return numbers + np.searchsorted(rows_before, numbers, side="right")


def stage_unquoted(
    text: Path,
    delimiter: str,
    columns: Sequence[str],
    into: Into,
    mapper: BatchMapper | None = None,
    line_offset: int = 0,
    odd_lines: OddLines | None = None,
) -> int | None:
    """Write the lines below the header as rows of the raw layer, like `staging.stage`.

    A mapper converts delivered columns to those of the feed. Row numbers are lines of the
    delivered file: the line of the text plus `line_offset`.

    Returns the number of rows, or None if a line does not have a value for each column and cannot
    go to `odd_lines`. Empty lines are omitted, so there can be fewer rows than lines.
    """
    try:
        with pyarrow.csv.open_csv(
            text,
            pyarrow.csv.ReadOptions(
                block_size=_BLOCK_BYTES,
                column_names=columns,
                skip_rows=1,
                # Arrow numbers lines only if one thread reads them in order.
                use_threads=odd_lines is None,
            ),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter,
                quote_char=False,
                invalid_row_handler=None if odd_lines is None else odd_lines.take,
            ),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(columns, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        ) as batches:
            return stage_batches(batches, into, mapper, line_offset, odd_lines)
    except pa.ArrowInvalid:
        return None


def stage_batches(
    batches: pa.RecordBatchReader,
    into: Into,
    mapper: BatchMapper | None,
    line_offset: int,
    odd_lines: OddLines | None = None,
) -> int:
    """Write batches of delivered text as rows of the raw layer; returns the number of rows."""
    contract, provenance = into.contract, into.provenance
    # A constant as a dictionary with one value avoids comparing five million equal texts.
    constant = pa.dictionary(pa.int8(), pa.string())
    constants = {
        "load_id": provenance.load_id,
        "file_name": provenance.file_name,
        "file_sha256": provenance.file_sha256,
    }
    others = (
        [column for column in batches.schema.names if column not in contract.column_names]
        if mapper is None
        else mapper.other_columns
    )
    schema = pa.schema(
        [
            *((column, pa.string()) for column in contract.column_names),
            *((column, constant) for column in constants),
            ("row_number", pa.int64()),
            ("loaded_at", pa.timestamp("us")),
            *((column, pa.string()) for column in others),
        ]
    )
    n_rows = 0
    # The header is line 1.
    first = 2 + line_offset
    with pq.ParquetWriter(
        into.parquet,
        schema,
        compression="zstd",
        # Line numbers have no repeats, and no query filters by them, so statistics are useless.
        use_dictionary=[column.name for column in schema if column.name != "row_number"],
        write_statistics=False,
        store_schema=False,
    ) as parquet:
        for batch in batches:
            n_batch = batch.num_rows
            numbers = np.arange(n_rows + first, n_rows + first + n_batch)
            if odd_lines is not None:
                numbers = odd_lines.number(numbers)
            arrays = {
                **(_as_delivered(batch, contract) if mapper is None else mapper.columns_of(batch)),
                **{column: _repeat(value, n_batch) for column, value in constants.items()},
                "row_number": pa.array(numbers),
                "loaded_at": pa.repeat(
                    pa.scalar(provenance.loaded_at, pa.timestamp("us")), n_batch
                ),
            }
            parquet.write_batch(pa.record_batch(arrays, schema=schema))
            n_rows += n_batch
    return n_rows


def _as_delivered(batch: pa.RecordBatch, contract: Contract) -> dict[str, pa.Array]:
    empty = {column: pa.nulls(batch.num_rows, pa.string()) for column in contract.column_names}
    return empty | dict(zip(batch.schema.names, batch.columns, strict=True))


def _repeat(value: str, n_times: int) -> pa.DictionaryArray:
    indices = pa.repeat(pa.scalar(0, pa.int8()), n_times)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value]))
