"""The thin Python side of Persona Access: files in, words out. Decisions about access live in SQL."""

__version__ = "0.1.0"
