"""Evidence packs: what an auditor needs to see how a week came to its results."""
