"""The loader: contracts, checksums, quarantine and ledger of delivered files."""
