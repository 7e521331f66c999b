"""Causes of findings: find them, write the patch that ends one, and prove it by a replay."""
