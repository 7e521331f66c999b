"""Replays: build a week beside the warehouse from given inputs."""
