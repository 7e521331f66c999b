"""Parse the dbt project with every warning an error, unknown and deprecated YAML keys included.

Usage: python scripts/check_yaml_keys.py [options of `dbt parse`]

dbt holds a JSON schema of all its YAML files, but checks keys against it only for four cloud
engines: on DuckDB a misspelt `desciption:` or `data_test:` is silently ignored. Here DuckDB joins
the list. Exit code 1 when something is wrong; dbt has then said what and where.
"""

import sys

from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas


def main(arguments: list[str]) -> int:
    """Run `dbt parse` with the keys checked; return the exit code."""
    # A private name, so that a new version of dbt may drop it: then this line says so at once.
    jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS.add("duckdb")
    # A partial parse skips the files that did not change, and their faults with them.
    parse = ["--quiet", "parse", "--no-partial-parse", *arguments]
    return 0 if dbtRunner().invoke(parse).success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
