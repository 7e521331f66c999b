"use strict";

// Movers counted by origin and destination: the data of the pictures, as tables.
report.openTables = () => {
  const { rows } = report.tables.get("movements");
  const baseline = new Set(document.querySelector("[data-baseline-personas]").dataset.baselinePersonas.split(" "));
  const own = (ids) => (ids ?? "").split(" | ").filter((id) => id && !baseline.has(id));
  const movers = Array.from({ length: rows.n }, (_, row) => rows.row(row)).filter(({ movement_type: type }) => type === "mover");
  // Each pair of different values before and after, once for each mover.
  const pairs = (before, after) => before.flatMap((from) => after.filter((to) => to !== from).map((to) => [from, to]));

  function show(name, columns, pairsOf) {
    const counts = new Map();
    for (const mover of movers) for (const pair of pairsOf(mover)) counts.set(pair.join(" | "), { pair, n: (counts.get(pair.join(" | "))?.n ?? 0) + 1 });
    const found = [...counts.values()].sort((a, b) => b.n - a.n || (a.pair.join() < b.pair.join() ? -1 : 1));
    const values = [found.map(({ pair }) => pair[0]), found.map(({ pair }) => pair[1]), found.map(({ n }) => n)];
    report.tables.get(name).show(report.Rows.of({ n: found.length, columns: Object.fromEntries(columns.map((column, place) => [column, values[place]])) }));
  }

  show("persona_moves", ["previous_persona_id", "persona_id", "n_people"], (mover) => pairs(own(mover.previous_persona_ids), own(mover.persona_ids)));
  show("center_moves", ["previous_cost_center", "cost_center", "n_people"], (mover) => pairs([mover.previous_cost_center ?? "(none)"], [mover.cost_center ?? "(none)"]));
};
