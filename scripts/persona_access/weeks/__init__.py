"""The weeks: what to build, building, running, verifying and deleting them, and who is told."""
