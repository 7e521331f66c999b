"""Releases: write a tested week to a folder, audit it, and publish it to readers."""
