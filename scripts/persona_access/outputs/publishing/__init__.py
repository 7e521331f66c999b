"""Publish a week: make a release, make it current, send it to a bucket or to servers."""
