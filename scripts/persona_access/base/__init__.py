"""What every layer stands on: settings, contracts, ledger, files, locks, encryption, dbt."""
