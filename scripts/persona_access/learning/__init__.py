"""Learn persona mappings from people whose persona is known, and measure them."""
