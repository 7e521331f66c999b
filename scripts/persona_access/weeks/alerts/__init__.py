"""Messages to people: what happened, how bad, what to do next; never data of a person."""
