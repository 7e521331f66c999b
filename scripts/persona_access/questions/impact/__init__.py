"""What a change of the decisions would do: both versions built side by side, and compared."""
