"""Why statuses changed between two weeks: replays that substitute one input at a time."""
