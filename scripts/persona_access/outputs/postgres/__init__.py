"""PostgreSQL as a serving target: the marts of a release, and to each reader their own rows."""

from persona_access.outputs.postgres.serve import serve_release

__all__ = ["serve_release"]
