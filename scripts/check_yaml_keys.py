"""Parse the dbt project with all warnings as errors, including unknown and deprecated YAML keys.

Usage: python scripts/check_yaml_keys.py [options of `dbt parse`]

dbt has a JSON schema of all its YAML files, but checks keys only for four cloud engines: on
DuckDB, a misspelt `desciption:` or `data_test:` is silently ignored. This script adds DuckDB to
the list. Exit code 1 means that something is wrong; dbt has printed what and where.
"""

import sys

from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas


def main(arguments: list[str]) -> int:
    """Run `dbt parse` with the keys checked; return the exit code."""
    # A private name, which a new version of dbt can remove: this line then fails at once.
    jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
    # A partial parse skips unchanged files, and therefore their faults.
    parse = ["--quiet", "parse", "--no-partial-parse", *arguments]
    return 0 if dbtRunner().invoke(parse).success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
