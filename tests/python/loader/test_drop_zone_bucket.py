"""Buckets as drop zones, on an S3 server on loopback, and on a folder through the same library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import ObjectStore, from_url

from loader_home import MEMBERS, Home, members_file
from persona_access.base.errors import SettingsError
from persona_access.base.settings import load_settings

SECRET = "not-a-real-secret"  # noqa: S105 - the server on loopback asks for any


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["s3", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return an empty drop zone of each kind."""
    if request.param == "file":
        folder = tmp_path / "share"
        folder.mkdir()
        return folder.as_uri()
    endpoint = request.getfixturevalue("s3_server")
    bucket = f"bucket-{abs(hash(tmp_path))}"
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "not-a-real-key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    boto3 = pytest.importorskip("boto3", reason="it comes with moto")
    boto3.client("s3", endpoint_url=endpoint).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return f"s3://{bucket}/weekly"


def names(store: ObjectStore) -> list[str]:
    return sorted(found["path"] for page in obstore.list(store) for found in page)


def test_files_are_loaded_and_archived_by_date(home: Home, url: str) -> None:
    store = from_url(url)
    obstore.put(store, MEMBERS, members_file(",persona-1").encode())
    obstore.put(store, f"{MEMBERS}.manifest.json", b'{"rows": 31}')
    obstore.put(store, "persona_members_2026-11-23.csv", b"brid\nX1\n")
    obstore.put(store, "notes.txt", b"not a delivery")
    # Objects in folders are ignored: such a name could leave the folder for fetched objects.
    obstore.put(store, f"folder/{MEMBERS}", members_file().encode())
    found = home.load("--drop-zone", url)
    assert {file["file_name"]: file["outcome"] for file in found.files} == {
        MEMBERS: "loaded",
        "persona_members_2026-11-23.csv": "refused",
        "notes.txt": "skipped",
    }
    archived = "archive/2026-11-16/persona_members_2026-11-16_v1/"
    rejected = "rejected/2026-11-23/persona_members_2026-11-23_r1/"
    assert names(store) == [
        f"{archived}{MEMBERS}",
        f"{archived}{MEMBERS}.manifest.json",
        f"folder/{MEMBERS}",
        "notes.txt",
        f"{rejected}persona_members_2026-11-23.csv",
        f"{rejected}persona_members_2026-11-23.csv.reason.txt",
    ]
    reason = bytes(obstore.get(store, names(store)[-1]).bytes()).decode()
    assert "persona_id" in reason
    again = home.load("--drop-zone", url)
    assert [file["file_name"] for file in again.files] == ["notes.txt"]
    assert len(home.rows("persona_members")) == 30


def test_folders_that_a_pattern_names_are_read(
    home: Home, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    monkeypatch.setenv("PERSONA_ACCESS_FEEDS", str(feeds))
    columns = "columns: {brid: BRID, persona_id: Role}"
    (feeds / "roles.yml").write_text(
        "source: roles\nfeed: persona_members\nauthor: a.analyst\n"
        f'files: {{pattern: "hr/%Y/*/roles_%m-%d_*.csv"}}\n{columns}\n',
        "utf-8",
    )
    store = from_url(url)
    for place in ("hr/2026/emea/roles_11-16_a", "hr/2026/emea/roles_11-23_a"):
        obstore.put(store, f"{place}.csv", f"BRID,Role\nX1,{place[-4:]}\nX2,p\n".encode())
    # Not above the declared folders, not beside them, and not in the folders of processed files.
    for place in ("hr/2026/roles_11-30_a.csv", "it/2026/emea/roles_11-30_a.csv", "archive/x.csv"):
        obstore.put(store, place, b"BRID,Role\nX1,p\n")
    found = {file["file_name"]: file["outcome"] for file in home.load("--drop-zone", url).files}
    assert found == {
        "roles_11-16_a.csv": "loaded",
        "roles_11-23_a.csv": "loaded",
        "roles_11-30_a.csv": "skipped",
    }
    assert len(home.rows("persona_members")) == 4
    assert [name for name in names(store) if name.startswith("hr/")] == [
        "hr/2026/roles_11-30_a.csv"
    ]
    assert "archive/2026-11-16/roles_2026-11-16_v1/roles_11-16_a.csv" in "".join(names(store)) or [
        name for name in names(store) if name.endswith("roles_11-16_a.csv")
    ]


def test_files_may_be_left(home: Home, url: str) -> None:
    store = from_url(url)
    obstore.put(store, MEMBERS, members_file().encode())
    home.load("--drop-zone", url, "--leave-files")
    assert names(store) == [MEMBERS]
    assert home.load("--drop-zone", url, "--leave-files").only["outcome"] == "unchanged"


def test_a_server_that_goes_away_after_the_load_loses_nothing(
    home: Home, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = from_url(url)
    obstore.put(store, MEMBERS, members_file().encode())

    def gone(*_: object) -> None:
        raise GenericError("connection reset")

    with monkeypatch.context() as patched:
        patched.setattr(obstore, "rename", gone)
        exit_code, _, stderr = home.run("--drop-zone", url)
    assert exit_code == 3
    assert "connection reset" in stderr
    assert "run the command again" in stderr
    assert home.load("--drop-zone", url).only["outcome"] == "unchanged"
    assert names(store) == [f"archive/2026-11-16/persona_members_2026-11-16_v1/{MEMBERS}"]
    assert len(home.rows("persona_members")) == 30


def test_a_server_that_goes_away_amid_a_file_leaves_nothing_half(
    home: Home, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    obstore.put(from_url(url), MEMBERS, members_file().encode())

    def cut(_: object) -> Iterator[bytes]:
        yield b"brid,persona_id\nX00001,persona-1\n"
        raise GenericError("connection reset")

    with monkeypatch.context() as patched:
        patched.setattr("persona_access.loader.drop_zone.bucket._chunks", cut)
        assert home.run("--drop-zone", url)[0] == 3
    assert home.ledger() == {}
    assert home.load("--drop-zone", url).only["n_rows_loaded"] == 30


def test_an_object_rewritten_meanwhile_stays_for_the_next_run(
    home: Home, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = from_url(url)
    obstore.put(store, MEMBERS, members_file().encode())
    head = obstore.head

    def rewritten(at: ObjectStore, path: str) -> object:
        obstore.put(store, MEMBERS, members_file(n_rows=31).encode())
        return head(at, path)

    with monkeypatch.context() as patched:
        patched.setattr(obstore, "head", rewritten)
        assert home.load("--drop-zone", url).only["version"] == 1
    assert names(store) == [MEMBERS]
    assert home.load("--drop-zone", url).only["version"] == 2


def test_no_server_is_one_sentence_without_credentials(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens on the discard port.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "not-a-real-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    exit_code, _, stderr = home.run("--drop-zone", "s3://nowhere/weekly")
    assert exit_code == 3
    assert "s3://nowhere/weekly cannot be listed" in stderr
    assert SECRET not in stderr
    assert len(stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "wrong", ["s3://key:secret@bucket/weekly", "https://account.example/weekly?sig=secret"]
)
def test_credentials_in_the_address_are_refused(wrong: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(environ={"PERSONA_ACCESS_DROP_ZONE": wrong})
    assert "secret" not in str(refused.value)


def test_an_address_of_no_known_kind_is_refused(home: Home) -> None:
    exit_code, _, stderr = home.run("--drop-zone", "ftp://server/weekly")
    assert exit_code == 2
    assert "s3://, az://, abfss://, gs://" in stderr
