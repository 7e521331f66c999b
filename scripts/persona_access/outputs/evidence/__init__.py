"""Evidence packs: the files that an auditor needs to trace the results of a week."""
