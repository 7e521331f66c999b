"""Onboarding: propose feed mappings for foreign files, and try them on the whole file."""
