"""Outputs: releases, report, Tableau, PostgreSQL, work lists, evidence."""
