"""Find why statuses changed between two weeks, by replays that substitute one input at a time."""
