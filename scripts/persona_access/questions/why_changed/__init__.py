"""Why statuses changed between two weeks: the later one replayed, one input swapped at a time."""
