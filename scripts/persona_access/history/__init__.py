"""The weeks that were built: which are stale, built again, compared, explained, and let go."""
