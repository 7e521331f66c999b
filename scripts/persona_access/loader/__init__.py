"""The loader: looks at files, not at access. Contract, checksum, quarantine, ledger."""
