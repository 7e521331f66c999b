"""Damaged files never end a load: other files load, and every row is accounted for."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os
import random
import signal
import zipfile
from multiprocessing import Pipe
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader_home import Home
from persona_access.base.contracts import Contract
from persona_access.base.errors import PersonaAccessError, RefusalError
from persona_access.loader import reader
from persona_access.loader.reading import Job, Read

COLUMNS = ("brid", "persona_id", "valid_from")
TABLE = [(f"X{at:05}", f"persona-{at % 3}", "2026-01-31") for at in range(60)]
CSV = "\n".join([",".join(COLUMNS), *(",".join(row) for row in TABLE)]).encode() + b"\n"
N_DAMAGED = 40


def as_parquet() -> bytes:
    buffer = io.BytesIO()
    columns = zip(*TABLE, strict=True)
    pq.write_table(pa.table(dict(zip(COLUMNS, map(list, columns), strict=True))), buffer)
    return buffer.getvalue()


def as_workbook() -> bytes:
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [COLUMNS, *TABLE]:
        sheet.append(row)
    book.save(buffer)
    return buffer.getvalue()


def with_a_part_damaged(archive: bytes, dice: random.Random) -> bytes:
    """Damage the text of one part; the archive itself stays valid."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w") as new:
        chosen = dice.choice([name for name in old.namelist() if name.startswith("xl/")])
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damaged(content, dice) if name == chosen else content)
    return buffer.getvalue()


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Damage some bytes: cut, flipped, inserted, doubled, or replaced by special characters."""
    for _ in range(dice.randint(1, 4)):
        at, to = sorted(dice.randrange(len(content) + 1) for _ in range(2))
        to = min(to, at + 40)
        content = dice.choice(
            [
                content[:at],
                content[:at] + dice.randbytes(to - at) + content[to:],
                content[:at]
                + dice.choice([b'"', b"\n", b"\0", b"\xff", b",", b"\r"])
                + content[at:],
                content[:to] + content[at:],
                content[:at] + content[to:],
                content[:at] + "\u202e\u200b\u00e9".encode() + content[at:],
            ]
        )
    return content


FORMS = {
    ".csv": CSV,
    ".csv.gz": gzip.compress(CSV),
    ".parquet": as_parquet(),
    ".xlsx": as_workbook(),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_files_end_in_words_and_nothing_is_lost(home: Home, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    first = dt.date(2026, 1, 1)
    for at in range(N_DAMAGED):
        suffix = dice.choice(list(FORMS))
        content = FORMS[suffix]
        if suffix == ".xlsx" and dice.random() < 0.7:
            content = with_a_part_damaged(content, dice)
        elif suffix == ".csv.gz" and dice.random() < 0.5:
            content = gzip.compress(damaged(CSV, dice))
        else:
            content = damaged(content, dice)
        home.drop(f"persona_members_{first + dt.timedelta(days=at)}{suffix}", content)
    good = f"persona_members_{first + dt.timedelta(days=N_DAMAGED)}.csv"
    home.drop(good, CSV)
    result = home.load()
    assert result.exit_code in (0, 4)
    found = {file["file_name"]: file for file in result.files}
    assert len(found) == N_DAMAGED + 1
    assert found[good]["n_rows_loaded"] == len(TABLE)
    for name, file in found.items():
        assert file["outcome"] in ("loaded", "refused"), (name, file)
        assert file["sentence"].isprintable()
        assert "Traceback" not in file["sentence"]
        record = home.ledger()[file["load_id"]]
        if file["outcome"] == "loaded":
            week = home.raw / "persona_members" / f"extract_date={file['extract_date']}"
            ((n_landed,),) = home.query(f"select count(*) from '{week}/*/rows.parquet'")
            quarantine = home.raw / "quarantined_rows" / f"{file['load_id']}.parquet"
            n_quarantined = 0
            if quarantine.exists():
                ((n_quarantined,),) = home.query(
                    f"select count(*) from '{quarantine}' where quarantined_part = 'row'"
                )
            assert record["n_rows_read"] == n_landed + n_quarantined
        else:
            assert (home.path / "rejected" / f"{name}.reason.txt").exists()
    assert not list(home.raw.glob(".work*"))


def _kill(_: Job) -> Read:
    os.kill(os.getpid(), signal.SIGABRT)
    raise AssertionError


def _ask_for_all_memory(_: Job) -> Read:
    bytearray(1 << 45)
    raise AssertionError


def _stumble(_: Job) -> Read:
    raise ZeroDivisionError("a fault of ours\nwith a second line")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (_kill, "was ended by SIGABRT"),
        (_ask_for_all_memory, "needs more memory than allowed"),
        (_stumble, "ZeroDivisionError: a fault of ours"),
    ],
)
def test_whatever_happens_while_a_file_is_read_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: object, words: str
) -> None:
    """Fork as the server does; no file would reliably cause what these forks do."""
    monkeypatch.setattr(reader, "read_delivery", what)
    contract = Contract("invented", (), False, False, 1, 0.1, "invented_%Y-%m-%d")
    job = Job(
        path=tmp_path, suffix=".csv", contract=contract, manifest=None, provenance=None,  # type: ignore[arg-type]
        extract_date=dt.date(2026, 1, 1), version=1, work=tmp_path, spill=tmp_path, previous=None,
        memory_limit="1GB", max_expanded_bytes=1, identities=(),
    )  # fmt: skip
    ours, theirs = Pipe()
    with ours, theirs:
        order = reader.Order(job, dict(os.environ), 8 << 30, 60.0)
        answer = reader.fork(order, theirs)
    assert isinstance(answer, PersonaAccessError | reader.Death)
    said = str(answer) if isinstance(answer, RefusalError) else answer.what  # type: ignore[union-attr]
    assert words in said


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_for_ever(_: Job) -> Read:
        signal.pause()
        raise AssertionError

    monkeypatch.setattr(reader, "read_delivery", wait_for_ever)
    ours, theirs = Pipe()
    with ours, theirs:
        order = reader.Order(None, dict(os.environ), 8 << 30, 0.2)  # type: ignore[arg-type]
        answer = reader.fork(order, theirs)
    assert answer == reader.Death("was not done after 0 seconds")
