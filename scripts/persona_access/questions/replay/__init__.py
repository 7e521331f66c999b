"""Replays: a week built beside the warehouse, from whatever inputs are asked for."""
