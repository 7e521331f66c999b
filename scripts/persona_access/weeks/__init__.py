"""Plan, build, run, verify and delete weeks, and report about them."""
