"""Removals for a ticket system: written as it imports them, and read back as it exports them."""
