"""Onboarding: propose feed mappings for unknown files, and test them on the whole file."""
