"""Learning persona mappings from people whose persona is known, and measuring them."""
