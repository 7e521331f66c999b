"""The thin Python side of Persona Access: files in, words out. Access is decided in SQL."""

__version__ = "0.1.0"
