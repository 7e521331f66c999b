"""Shared by all layers: settings, contracts, ledger, files, locks, encryption, dbt."""
