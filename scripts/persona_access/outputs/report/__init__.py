"""A web report of static files: it opens from a folder and needs no network."""

from persona_access.outputs.report.write import write_report

__all__ = ["write_report"]
