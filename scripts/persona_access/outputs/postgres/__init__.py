"""Serve the marts of a release in PostgreSQL; each reader sees only the permitted rows."""

from persona_access.outputs.postgres.serve import serve_release

__all__ = ["serve_release"]
