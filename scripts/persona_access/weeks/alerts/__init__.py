"""Messages to people: what happened, how serious it is, what to do next; no personal data."""
