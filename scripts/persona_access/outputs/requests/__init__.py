"""Removals for a ticket system: written in its import format, and read from its exports."""
