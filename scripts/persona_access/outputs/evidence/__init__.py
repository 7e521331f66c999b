"""Evidence packs: what an auditor needs to trace the results of a week."""
