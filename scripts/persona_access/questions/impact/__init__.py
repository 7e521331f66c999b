"""The impact of changed decisions: both versions are built and compared."""
