"""Make the chart library of the web report once for this installation, not at each release."""

from persona_access.outputs.report.charts import installed_charts, make_charts

installed_charts().mkdir(parents=True, exist_ok=True)
make_charts(installed_charts())
