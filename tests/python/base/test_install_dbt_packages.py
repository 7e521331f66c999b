"""Set-up installs the dbt packages from the hub, or the offline packages without a hub."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
# Nothing answers on port 9 (discard).
NO_HUB = "http://127.0.0.1:9/"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the files that the installation reads, without any model."""
    for name in ("packages.yml", "package-lock.yml", "scripts/install_dbt_packages.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "offline_packages", tmp_path / "offline_packages")
    (tmp_path / "dbt_project.yml").write_text("name: small\nprofile: small\n")
    return tmp_path


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a hub that has the locked packages, with our own code in them; yield its address."""
    folder = tmp_path_factory.mktemp("hub")
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))
    )
    address = f"http://127.0.0.1:{server.server_port}/"
    locked = yaml.safe_load((ROOT / "package-lock.yml").read_text())["packages"]
    for package in locked:
        name = package["name"]
        with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(ROOT / "offline_packages" / name, arcname=f"{name}-{package['version']}")
        page = folder / "api" / "v1" / f"{package['package']}.json"
        page.parent.mkdir(parents=True)
        version = {
            "name": name,
            "packages": [],
            "downloads": {"tarball": f"{address}{name}.tar.gz"},
        }
        page.write_text(json.dumps({"name": name, "versions": {package["version"]: version}}))
    index = [package["package"] for package in locked]
    (folder / "api" / "v1" / "index.json").write_text(json.dumps(index))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield address
    server.shutdown()


def install(project: Path, hub: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, project / "scripts" / "install_dbt_packages.py", *options],
        env=os.environ | {"DBT_PACKAGE_HUB_URL": hub},
        capture_output=True,
        text=True,
        check=False,
    )


def test_hub_delivers_what_the_lock_names(project: Path, hub: str) -> None:
    done = install(project, hub)
    assert done.stdout == "dbt packages: installed from hub into dbt_packages/.\n"
    assert done.returncode == 0
    installed = sorted((project / "dbt_packages").glob("*/dbt_project.yml"))
    assert [file.parent.name for file in installed] == ["dbt_date", "dbt_expectations"]
    assert not any(file.parent.is_symlink() for file in installed)
    lock = (project / "package-lock.yml").read_text()
    assert lock == (ROOT / "package-lock.yml").read_text()


def test_offline_packages_stand_in_where_no_hub_answers(project: Path) -> None:
    done = install(project, NO_HUB)
    assert done.returncode == 0
    assert done.stdout == (
        f"dbt packages: {NO_HUB} cannot be reached (ConnectionError), "
        "so this project's own offline packages are used.\n"
        "dbt packages: installed from offline into dbt_packages/.\n"
    )
    link = project / "dbt_packages" / "dbt_expectations"
    assert link.readlink() == Path("../offline_packages/dbt_expectations")
    assert (link / "dbt_project.yml").is_file()


def test_offline_packages_stand_in_where_downloads_fail(project: Path, hub: str) -> None:
    lock = project / "package-lock.yml"
    lock.write_text(lock.read_text().replace("0.10.9", "0.10.99"))
    done = install(project, hub)
    assert done.returncode == 0
    assert done.stdout.startswith("dbt packages: dbt deps failed (")
    assert (project / "dbt_packages" / "dbt_expectations").is_symlink()


def test_second_run_does_nothing(project: Path) -> None:
    install(project, NO_HUB)
    done = install(project, NO_HUB)
    assert (done.returncode, done.stdout) == (0, "")


def test_changed_lock_installs_again(project: Path) -> None:
    install(project, NO_HUB)
    (project / "package-lock.yml").open("a").write("# changed\n")
    assert "installed from offline" in install(project, NO_HUB).stdout


def test_source_can_be_forced(project: Path, hub: str) -> None:
    assert "installed from offline" in install(project, hub, "--source", "offline").stdout
    assert "installed from hub" in install(project, hub, "--source", "hub").stdout


def test_forced_hub_that_is_out_of_reach_is_a_failure(project: Path) -> None:
    done = install(project, NO_HUB, "--source", "hub")
    assert done.returncode == 3
    assert done.stdout == (
        f"dbt packages: {NO_HUB} cannot be reached (ConnectionError); nothing is installed.\n"
    )
    assert not (project / "dbt_packages").exists()


def test_unknown_source_is_refused(project: Path) -> None:
    done = install(project, NO_HUB, "--source", "elsewhere")
    assert done.returncode == 2
    assert "must be one of: auto, hub, offline" in done.stderr
