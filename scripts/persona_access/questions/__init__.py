"""Questions that people ask of what was built: read only, in the words of the marts."""
