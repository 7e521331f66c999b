"use strict";

// A week that the reader chooses, compared with another one: figures, and the findings of both. The
// choice is in the address.
report.openTables = async () => {
  const { address, element, load, Rows, text } = report;
  const place = document.querySelector("[data-compare]");
  const trend = report.tables.get("trend");
  const weeks = [...trend.rows.columns.get("as_of_date")].reverse();
  const detailed = await load("week/index");
  const [first, second] = [choice("Week", "week", weeks[0]), choice("Beside", "beside", weeks[1] ?? weeks[0])];
  const body = element("tbody");
  const head = element("tr");
  place.querySelector("[data-choice]").replaceChildren(first.label, second.label);
  place.querySelector("table").append(element("thead", {}, head), body);
  const KEYS = { week_personas: "persona_id", week_applications: "application_id", week_cost_centers: "cost_center", week_managers: "manager_brid" };
  await show();
  // A link to another week of this page changes only the address.
  addEventListener("hashchange", async () => {
    const wanted = [address.get("week") || weeks[0], address.get("beside") || (weeks[1] ?? weeks[0])];
    if ([first, second].every(({ select }, place) => select.value === wanted[place])) return;
    [first, second].forEach(({ select }, place) => {
      select.value = wanted[place];
    });
    await show();
    await report.drawCharts();
  });

  function choice(words, key, usual) {
    const select = element("select", {}, ...weeks.map((week) => element("option", { value: week }, week)));
    select.value = weeks.includes(address.get(key)) ? address.get(key) : usual;
    select.addEventListener("change", async () => {
      address.set(key, select.value);
      await show();
      await report.drawCharts();
    });
    return { select, label: element("label", { className: "field" }, words, select) };
  }

  function records(rows) {
    return Array.from({ length: rows.n }, (_, row) => rows.row(row));
  }

  function rowsOf(list, names) {
    return Rows.of({ n: list.length, columns: Object.fromEntries(names.map((name) => [name, list.map((record) => record[name] ?? null)])) });
  }

  function showFigures() {
    const at = (week) => trend.rows.row(trend.rows.columns.get("as_of_date").indexOf(week));
    const [now, other] = [at(first.select.value), at(second.select.value)];
    head.replaceChildren(...["Figure", first.select.value, second.select.value, "Difference"].map((name, n) => element("th", { scope: "col", "data-kind": n ? "number" : "text" }, name)));
    body.replaceChildren(
      ...trend.columns
        .filter(({ kind }) => ["number", "share"].includes(kind))
        .map(({ name, label, kind }) => {
          const known = now[name] !== null && other[name] !== null;
          const difference = known ? now[name] - other[name] : null;
          const size = known ? Math.abs(difference) : 0;
          const sign = difference > 0 ? "+" : difference < 0 ? "\u2212" : "";
          const signed = known ? `${sign}${kind === "share" ? `${(size * 100).toFixed(2)} points` : size.toLocaleString("en")}` : "";
          return element("tr", {}, element("th", { scope: "row" }, label), ...[text(kind, now[name]), text(kind, other[name]), signed].map((cell) => element("td", { "data-kind": "number" }, cell)));
        }),
    );
  }

  async function show() {
    showFigures();
    const numbers = [first, second].map(({ select }) => detailed.indexOf(select.value));
    const isDetailed = numbers.every((number) => number >= 0);
    document.querySelector("[data-figures-only]").hidden = isDetailed;
    for (const section of document.querySelectorAll("[data-table^=week_], .chart")) section.hidden = !isDetailed;
    if (!isDetailed) return;
    const files = numbers.map((number) => load(`week/${number}`));
    const [now, other] = [await files[0], await files[1]];
    for (const [name, key] of Object.entries(KEYS)) showCompared(name, key, records(Rows.of(now[name])), records(Rows.of(other[name])));
    showFindings(records(Rows.of(now.week_findings)), records(Rows.of(other.week_findings)));
    for (const name of ["week_root_causes", "week_causes", "week_changes"]) report.tables.get(name).show(Rows.of(now[name]));
  }

  // Rows that only the other week has are part of the difference.
  function showCompared(name, key, now, other) {
    const before = new Map(other.map((record) => [record[key], record]));
    const gone = new Map(before);
    const list = now.map((record) => ({ ...record, n_open_other: before.get(record[key])?.n_open ?? 0 }));
    for (const { [key]: id } of now) gone.delete(id);
    for (const [id, record] of gone) list.push({ [key]: id, n_open: 0, n_open_other: record.n_open });
    for (const record of list) record.n_difference = record.n_open - record.n_open_other;
    const table = report.tables.get(name);
    table.show(rowsOf(list, table.columns.map((column) => column.name)));
  }

  function showFindings(now, other) {
    const id = ({ brid, application_id: application, finding_type: kind }) => [brid, application, kind].join(" ");
    const [ids, others] = [new Set(now.map(id)), new Set(other.map(id))];
    const standing = now.map((record) => ({ ...record, standing: others.has(id(record)) ? "in_both_weeks" : "in_this_week_only" }));
    const gone = other.filter((record) => !ids.has(id(record))).map((record) => ({ ...record, standing: "in_the_other_only" }));
    // Rows that differ come first.
    const list = [...standing, ...gone].sort((a, b) => (a.standing === "in_both_weeks") - (b.standing === "in_both_weeks"));
    const table = report.tables.get("week_findings");
    table.show(rowsOf(list, table.columns.map((column) => column.name)));
  }
};
