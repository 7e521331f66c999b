"""A web report of static files: opens from a folder, needs no network, sends nothing anywhere."""

from persona_access.outputs.report.write import write_report

__all__ = ["write_report"]
