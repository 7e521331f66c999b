"""What leaves the warehouse: releases, report, Tableau, PostgreSQL, work lists, evidence."""
