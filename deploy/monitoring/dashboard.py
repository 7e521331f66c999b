"""Write the Grafana dashboard: python deploy/monitoring/dashboard.py > persona_access.json.

Panels are rows of a table here, so that a change is one line to review, not a page of JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 7
PANELS = (
    ("Last run", "stat", "short", "persona_access_run_succeeded"),
    ("Since the last run", "stat", "s", "time() - persona_access_run_ended_timestamp_seconds"),
    ("Gates that stopped it", "stat", "short", "sum(persona_access_run_stopped)"),
    ("Duration by step", "timeseries", "s", "persona_access_run_step_seconds"),
    ("Data tests failed", "timeseries", "short", "persona_access_data_tests_failed"),
    ("Data tests warned", "timeseries", "short", "persona_access_data_tests_warned"),
    ("Rows by feed", "timeseries", "short", "persona_access_feed_rows"),
    (
        "Age of the newest extract",
        "timeseries",
        "s",
        "time() - persona_access_feed_extract_timestamp_seconds",
    ),
    ("Quarantined", "timeseries", "percentunit", "persona_access_feed_quarantined_share"),
    ("Pairs by status", "timeseries", "short", "persona_access_pairs"),
    (
        "People without a persona",
        "timeseries",
        "percentunit",
        "persona_access_unresolved_employees / persona_access_employees",
    ),
    ("Causes of findings", "timeseries", "short", "persona_access_causes"),
    (
        "Disk in use",
        "timeseries",
        "percentunit",
        "1 - persona_access_disk_free_bytes / persona_access_disk_size_bytes",
    ),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard in Grafana's format, with three panels per row."""
    return {
        "title": "Persona Access",
        "uid": "persona-access",
        "schemaVersion": 41,
        "time": {"from": "now-90d", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [
            {
                "id": number + 1,
                "title": title,
                "type": kind,
                "datasource": DATA_SOURCE,
                "gridPos": {
                    "x": number % 3 * WIDTH,
                    "y": number // 3 * HEIGHT,
                    "w": WIDTH,
                    "h": HEIGHT,
                },
                "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
                "targets": [{"refId": "A", "expr": query, "datasource": DATA_SOURCE}],
            }
            for number, (title, kind, unit, query) in enumerate(PANELS)
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dashboard(), indent=2) + "\n")
