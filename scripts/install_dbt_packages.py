"""Install the dbt packages from the dbt hub, or the offline packages if it cannot be reached.

Usage: python scripts/install_dbt_packages.py [--source auto|hub|offline]

Fast if nothing changed. Exit code 3 if `--source hub` cannot reach the hub.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import requests  # The library of `dbt deps`, so that the same proxies and certificates apply.

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = ROOT / "dbt_packages"
OFFLINE = ROOT / "offline_packages"
# Records the installed packages for the next run. `dbt deps` deletes the folder with this record.
RECORD = INSTALLED / ".installed"
# `dbt deps` tries for 10 seconds before it gives up.
HUB_TIMEOUT_SECONDS = 3
SOURCES = ("auto", "hub", "offline")


def say(message: str) -> None:
    """Print one line of progress."""
    sys.stdout.write(f"{message}\n")


def reason_hub_is_out_of_reach() -> str | None:
    """Return why the hub (or the mirror in DBT_PACKAGE_HUB_URL) is out of reach, or None."""
    hub = os.environ.get("DBT_PACKAGE_HUB_URL") or "https://hub.getdbt.com/"
    url = f"{hub}api/v1/metaplane/dbt_expectations.json"  # The address as dbt composes it.
    try:
        requests.get(url, timeout=HUB_TIMEOUT_SECONDS).raise_for_status()
    except requests.RequestException as error:
        return f"{hub} cannot be reached ({type(error).__name__})"
    return None


def install_from_hub() -> str | None:
    """Run `dbt deps`; return None, or the reason for the failure."""
    if reason := reason_hub_is_out_of_reach():
        return reason
    dbt = Path(sys.executable).with_name("dbt")
    # The hub only lists packages: their code comes from another host, which can fail, too.
    done = subprocess.run(  # noqa: S603
        [dbt, "deps"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last_line = (done.stdout.strip() or done.stderr.strip() or "no output").splitlines()[-1]
        return f"dbt deps failed ({last_line.strip()})"
    return None


def install_offline() -> None:
    """Link the offline packages into dbt_packages/, replacing its content."""
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir()
    for package in sorted(OFFLINE.iterdir()):
        (INSTALLED / package.name).symlink_to(Path("..") / OFFLINE.name / package.name)


def main() -> int:
    """Install the requested packages if needed; return the exit code."""
    parser = argparse.ArgumentParser(description="Install the dbt packages of this project.")
    parser.add_argument("--source", default="auto")
    wanted = parser.parse_args().source
    if wanted not in SOURCES:
        parser.error(f"the source is '{wanted}' but must be one of: {', '.join(SOURCES)}")

    lock = hashlib.sha256((ROOT / "package-lock.yml").read_bytes()).hexdigest()
    records = {source: f"{source} {lock}\n" for source in ("hub", "offline")}
    good_enough = records.values() if wanted == "auto" else [records[wanted]]
    if RECORD.exists() and RECORD.read_text() in good_enough:
        return 0

    installed = "offline" if wanted == "offline" else "hub"
    if installed == "hub" and (reason := install_from_hub()):
        if wanted == "hub":
            say(f"dbt packages: {reason}; nothing is installed.")
            return 3
        say(f"dbt packages: {reason}, so this project's own offline packages are used.")
        installed = "offline"
    if installed == "offline":
        install_offline()
    RECORD.write_text(records[installed])
    say(f"dbt packages: installed from {installed} into {INSTALLED.relative_to(ROOT)}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
