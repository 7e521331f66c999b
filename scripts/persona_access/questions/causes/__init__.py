"""Causes of findings: found by name or place, written as a patch, and proved by a replay."""
