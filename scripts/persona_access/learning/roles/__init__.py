"""Mining personas from access: rows that a persona list lacks, and roles from scratch."""
