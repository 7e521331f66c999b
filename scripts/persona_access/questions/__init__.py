"""Answer questions about the built marts, read only, in the words of the marts."""
