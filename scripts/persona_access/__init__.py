"""Persona Access: a loader and a command line around the dbt models that classify access."""

__version__ = "0.2.0"
