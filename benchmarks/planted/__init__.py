"""Generated banks and matrices with a known truth, for tests and benchmarks."""
