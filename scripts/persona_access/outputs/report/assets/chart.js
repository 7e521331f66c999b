"use strict";

// Charts: each shows a table of the page in Vega-Lite. Vega draws them; it interprets expressions,
// so that the page can forbid code in texts. Colours are those of the style sheet.
report.charts = (() => {
  const colour = (name) => `var(--${name})`;
  const KINDS = { scale: { domain: ["missing", "excess", "unassessed", "match"], range: ["missing", "excess", "unassessed", "match"].map(colour) } };
  const RISKS = ["critical", "high", "medium", "low"];
  const CONFIG = {
    background: "transparent",
    // In the format of the pages' text.
    locale: { number: { decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], percent: "\u00a0%" } },
    // Vega measures text with the font, so it must be a name.
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { labelColor: colour("quiet"), titleColor: colour("quiet"), gridColor: colour("line"), domainColor: colour("line"), tickColor: colour("line"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 200 },
    legend: { labelColor: colour("quiet"), title: null, labelFontSize: 12, orient: "top", symbolStrokeWidth: 0, ...(innerWidth < 480 ? { columns: 3 } : {}) },
    header: { labelColor: colour("text"), labelFontSize: 12, title: null, labelLimit: 220 },
    text: { color: colour("text"), fontSize: 12 },
  };
  const day = { type: "ordinal", timeUnit: "utcyearmonthdate", title: null, axis: { format: "%-d %b", labelAngle: 0, labelOverlap: true, domain: false, ticks: false, offset: 8 } };
  const DATE = { type: "ordinal", timeUnit: "utcyearmonthdate", format: "%-d %B %Y" };
  const count = (title = null) => ({ type: "quantitative", title, axis: { tickMinStep: 1, tickCount: 5, format: ",d" } });
  // No tick between two whole numbers: both would have the same label.
  const ticks = (most) => Math.max(1, Math.min(5, Math.floor(most)));
  const words = (value) => report.text("word", value ?? "");
  const tooltip = (...fields) => fields.map(([field, title, more = {}]) => ({ field, title, ...more }));
  const at = (table, filters) => report.rowsOf(`${table}?${filters}`, () => null);
  const records = (rows) => Array.from({ length: rows.n }, (_, row) => rows.row(row));
  const EXCUSED = "finding_state=open&disposition=waived|in_grace|in_sla";
  const bar = { type: "bar", cursor: "pointer", cornerRadius: 1 };

  // One line for each series; its mark and its name beside the legend identify it without colour.
  function lines(rows, series, { height = 220, format = ",d" } = {}) {
    const values = records(rows).flatMap((row) => series.filter(([name]) => row[name] !== null).map(([name, label]) => ({ week: row.as_of_date, series: label, n: Number(row[name]) })));
    const isCount = format === ",d";
    const labels = series.map(([, label]) => label);
    // Shares fill the height; a constant share still has a readable axis.
    const [low, high] = [Math.min(...values.map(({ n }) => n)), Math.max(...values.map(({ n }) => n))];
    const margin = Math.max((high - low) / 10, 0.005);
    const scale = isCount ? { zero: true, nice: true } : { domain: [Math.max(0, low - margin), Math.min(1, high + margin)] };
    return {
      data: { values },
      height,
      mark: { type: "line", point: { size: 45, filled: true }, strokeWidth: 2 },
      encoding: {
        x: { field: "week", ...day },
        y: { field: "n", type: "quantitative", title: null, axis: { format, tickCount: isCount ? ticks(high) : 5 }, scale },
        color: { field: "series", type: "nominal", scale: { domain: labels, range: series.map(([, , tone]) => colour(tone)) } },
        shape: { field: "series", type: "nominal", scale: { domain: labels } },
        strokeDash: { field: "series", type: "nominal", scale: { domain: labels } },
        tooltip: tooltip(["week", "Week", DATE], ["series", "What"], ["n", "Number", { format }]),
      },
    };
  }

  const SPECS = {
    trend: (rows) =>
      lines(rows, [["n_open", "to act on", "accent"], ["n_excess", "excess", "excess"], ["n_missing", "missing", "missing"], ["n_unassessed", "unassessed", "unassessed"], ...(rows.columns.has("n_overdue") ? [["n_overdue", "overdue", "critical"]] : [])]),

    rates: (rows) => lines(rows, [["match_rate", "required access in place", "match"]], { format: ".1%" }),

    excess_rate: (rows) => lines(rows, [["excess_rate", "excess rate", "excess"]], { format: ".2%" }),

    // By risk: past the due date, to act on later, excused, suspended.
    risk: (rows) => {
      const parts = [["overdue", "is_overdue=true", "excess"], ["due later", "finding_state=open&disposition=open&is_overdue=false", "accent"], ["excused", EXCUSED, "control"], ["suspended", "finding_state=suspended", "unassessed"]];
      const sums = new Map();
      for (const row of records(rows)) {
        const numbers = [row.n_overdue, row.n_open - row.n_overdue, row.n_excused, row.n_suspended];
        numbers.forEach((n, place) => sums.set(`${row.risk_level} ${place}`, (sums.get(`${row.risk_level} ${place}`) ?? 0) + n));
      }
      const values = RISKS.flatMap((risk) =>
        parts.map(([part, filters], place) => ({ risk, part, place, n: sums.get(`${risk} ${place}`) ?? 0, href: at("findings/findings", `${filters}&risk_level=${risk}`) })),
      ).filter(({ n }) => n > 0);
      return {
        data: { values },
        height: 170,
        mark: bar,
        encoding: {
          y: { field: "risk", type: "ordinal", sort: RISKS, scale: { domain: RISKS }, title: null, axis: { domain: false, ticks: false, labelFontSize: 13 } },
          x: { field: "n", ...count() },
          order: { field: "place" },
          color: { field: "part", type: "nominal", sort: null, scale: { domain: parts.map(([part]) => part), range: parts.map(([, , tone]) => colour(tone)) } },
          tooltip: tooltip(["risk", "Risk"], ["part", "What"], ["n", "Findings"]),
        },
      };
    },

    ages: (rows) => {
      const values = records(rows).flatMap((row) => ["excess", "missing"].map((kind) => ({ age: row.age, kind, n: row[`n_${kind}`], href: at("findings/findings", `finding_type=${kind}&age=${row.age}`) })));
      return {
        data: { values },
        height: 170,
        mark: bar,
        encoding: {
          x: { field: "age", type: "ordinal", sort: null, title: null, axis: { labelAngle: 0, domain: false, ticks: false } },
          y: { field: "n", ...count() },
          color: { field: "kind", type: "nominal", ...KINDS, legend: { values: ["excess", "missing"] } },
          tooltip: tooltip(["age", "Age"], ["kind", "Kind"], ["n", "Findings"]),
        },
      };
    },

    // Findings a week ago, opened and closed since, and current ones, with their reasons.
    flow: (rows) => {
      const newest = rows.row(rows.n - 1);
      const before = rows.n > 1 ? rows.row(rows.n - 2) : null;
      const standing = (row) => (row ? row.n_missing + row.n_excess + row.n_suspended : 0);
      const opened = standing(before) + newest.n_opened;
      const steps = [
        ["stood a week ago", 0, standing(before), "control", before && `${at("weeks/week_findings", "standing=in_both_weeks|in_this_week_only")}&week=${before.as_of_date}&beside=${newest.as_of_date}`],
        ["opened", standing(before), opened, "excess", at("changes/finding_changes", "finding_change=opened|reopened")],
        ["closed", opened - newest.n_closed, opened, "match", at("changes/finding_changes", "finding_change=closed")],
        ["suspended", 0, newest.n_suspended, "unassessed", at("findings/findings", "finding_state=suspended")],
        ["excused", 0, standing(newest) - newest.n_suspended - newest.n_open, "control", at("findings/findings", EXCUSED)],
        ["to act on", 0, newest.n_open, "accent", at("findings/findings", "finding_state=open&disposition=open")],
      ];
      const values = steps.map(([step, from, to, tone, href], place) => ({ step, place, from, to, tone: colour(tone), n: to - from, href }));
      return {
        data: { values },
        height: 200,
        encoding: { x: { field: "step", type: "ordinal", sort: null, title: null, axis: { labelAngle: 0, domain: false, ticks: false } } },
        layer: [
          { mark: bar, encoding: { y: { field: "from", ...count() }, y2: { field: "to" }, color: { field: "tone", type: "nominal", scale: null }, tooltip: tooltip(["step", "What"], ["n", "Findings"]) } },
          { mark: { type: "text", dy: -8 }, encoding: { y: { field: "to", type: "quantitative" }, text: { field: "n", format: ",d" } } },
        ],
      };
    },

    heat: (rows) => {
      const top = (name, n) => {
        const sums = new Map();
        for (const row of records(rows)) sums.set(row[name], (sums.get(row[name]) ?? 0) + row.n_open);
        return [...sums].sort(([a, m], [b, k]) => k - m || (a < b ? -1 : 1)).slice(0, n).map(([value]) => value);
      };
      const [personas, centers] = [top("persona_id", 15), top("cost_center", 15)];
      const shown = records(rows).filter((row) => personas.includes(row.persona_id) && centers.includes(row.cost_center));
      const values = shown.map((row) => ({ ...row, href: at("findings/findings", `finding_state=open&disposition=open&persona_ids=${row.persona_id}&cost_center=${row.cost_center}`) }));
      return {
        data: { values },
        height: 22 * personas.length,
        encoding: {
          y: { field: "persona_id", type: "nominal", sort: personas, title: null, axis: { domain: false, ticks: false } },
          x: { field: "cost_center", type: "nominal", sort: centers, title: null, axis: { domain: false, ticks: false, labelAngle: -45, orient: "bottom" } },
        },
        layer: [
          { mark: { type: "rect", cursor: "pointer", color: colour("excess"), cornerRadius: 2 }, encoding: { opacity: { field: "n_open", type: "quantitative", legend: null, scale: { domainMin: 0, range: [0.08, 0.6] } }, tooltip: tooltip(["persona_id", "Persona"], ["cost_center", "Cost center"], ["n_open", "To act on"], ["n_overdue", "Overdue"], ["n_people", "People"]) } },
          { mark: { type: "text", cursor: "pointer" }, encoding: { text: { field: "n_open" } } },
        ],
      };
    },

    movements: (rows) => {
      const types = [["joiner", "match"], ["rehire", "accent"], ["mover", "missing"], ["leaver", "excess"]];
      const values = records(rows).flatMap((row) => types.map(([type]) => ({ week: row.as_of_date, type, n: row[`n_${type}s`], href: at("movements/movements", `as_of_date=${row.as_of_date}&movement_type=${type}`) })));
      return {
        data: { values },
        height: 300,
        mark: bar,
        encoding: {
          x: { field: "week", ...day },
          y: { field: "n", ...count() },
          color: { field: "type", type: "nominal", scale: { domain: types.map(([type]) => type), range: types.map(([, tone]) => colour(tone)) } },
          tooltip: tooltip(["week", "Week", DATE], ["type", "What"], ["n", "People"]),
        },
      };
    },

    // Where movers of all weeks went, by persona.
    movers: (rows) => {
      const moves = records(rows).slice(0, 40);
      const paths = moves.map(({ previous_persona_id: from, persona_id: to, n_people: n }) => ({ steps: [from, to], n, tone: colour("accent"), href: () => at("movements/movements", `movement_type=mover&previous_persona_ids=${from}&persona_ids=${to}`) }));
      return paths.length ? report.sankey(paths, { unit: "people" }) : null;
    },

    // The same by cost center: each field shows a number of people.
    centers: (rows) => {
      const values = records(rows).slice(0, 40).map(({ previous_cost_center: from, cost_center: to, n_people: n }) => ({ from, to, n, href: at("movements/movements", `movement_type=mover&previous_cost_center=${from}&cost_center=${to}`) }));
      return {
        data: { values },
        height: 22 * new Set(values.map(({ from }) => from)).size,
        encoding: {
          y: { field: "from", type: "nominal", title: "from", axis: { domain: false, ticks: false } },
          x: { field: "to", type: "nominal", title: "to", axis: { domain: false, ticks: false, labelAngle: -45 } },
        },
        layer: [
          { mark: { type: "rect", cursor: "pointer", color: colour("accent"), cornerRadius: 2 }, encoding: { opacity: { field: "n", type: "quantitative", legend: null, scale: { domainMin: 0, range: [0.1, 0.6] } }, tooltip: tooltip(["from", "From"], ["to", "To"], ["n", "Movers"]) } },
          { mark: { type: "text", cursor: "pointer" }, encoding: { text: { field: "n" } } },
        ],
      };
    },

    // From the change, through its effect, to the kind of finding.
    causes: (rows, { of }) => {
      const changes = of === "week_causes" ? "weeks/week_changes" : "changes/finding_changes";
      const values = records(rows).flatMap((row) =>
        [["opened", row.n_opened, "excess", "opened|reopened"], ["closed", row.n_closed, "match", "closed"]].map(([what, n, tone, change]) => ({
          steps: [words(row.change_cause), what, row.finding_type],
          n,
          tone: colour(tone),
          // A ribbon to the kind combines all causes if there are several.
          href: (stage) => at(changes, [`finding_change=${change}`, ...(stage ? [`finding_type=${row.finding_type}`] : [`change_cause=${row.change_cause}`])].join("&")),
        })),
      );
      const flows = values.filter(({ n }) => n);
      // Beside the figures of two weeks, it has the same height.
      return flows.length ? report.sankey(flows, { unit: "findings", height: of === "week_causes" ? 440 : 0 }) : null;
    },

    // Listed applications first, then applications that many members hold and none of their
    // personas lists.
    held: (rows) => {
      const LISTED = ["mandatory", "optional", "prohibited", "not listed"];
      const values = records(rows)
        .map((row) => ({ application: row.application_id, listed: row.requirement ?? "not listed", n: row.n_members, holders: row.requirement ? row.n_holders : row.n_unlisted_holders }))
        .map((row) => ({ ...row, share: row.n ? row.holders / row.n : 0 }))
        .filter(({ listed, share }) => listed !== "not listed" || share >= 0.1)
        .slice(0, 40);
      return {
        data: { values },
        height: 18 * values.length,
        mark: { type: "bar", cornerRadius: 1 },
        encoding: {
          y: { field: "application", type: "nominal", sort: null, title: null, axis: { domain: false, ticks: false, labelFontSize: 13 } },
          x: { field: "share", type: "quantitative", title: null, scale: { domain: [0, 1] }, axis: { format: ".0%", tickCount: 5 } },
          color: { field: "listed", type: "nominal", scale: { domain: LISTED, range: ["match", "accent", "missing", "excess"].map(colour) } },
          tooltip: tooltip(["application", "Application"], ["listed", "Listed as"], ["holders", "Members who hold it"], ["n", "Members"], ["share", "Share", { format: ".0%" }]),
        },
      };
    },

    // Small lines of findings to act on, one for each persona, application or manager.
    sparks: (rows) => {
      const [key] = rows.columns.keys();
      const name = (row) => (row.full_name ? `${row.full_name} (${row[key]})` : row[key]);
      const page = { persona_id: ["persona", "persona"], application_id: ["application", "application"], manager_brid: ["person", "brid"] }[key];
      // `(not in HR)` is nobody.
      const href = (row) => (row[key].startsWith("(") ? null : report.to(...page, row[key]));
      const names = [...new Set(records(rows).map(name))];
      return {
        data: { values: records(rows).map((row) => ({ name: name(row), week: row.as_of_date, n: row.n_open, href: href(row), isNewest: row.as_of_date === document.body.dataset.week })) },
        facet: { row: { field: "name", type: "nominal", sort: names, header: { labelAngle: 0, labelAlign: "left", labelOrient: "left" } } },
        spacing: 4,
        resolve: { scale: { y: "independent" } },
        spec: {
          height: 26,
          width: 220,
          encoding: { x: { field: "week", type: "ordinal", timeUnit: "utcyearmonthdate", axis: null }, y: { field: "n", type: "quantitative", axis: null } },
          layer: [
            { mark: { type: "area", color: colour("accent"), opacity: 0.15, cursor: "pointer" } },
            { mark: { type: "line", color: colour("accent"), strokeWidth: 1.5 }, encoding: { tooltip: tooltip(["name", "Whose"], ["week", "Week", DATE], ["n", "To act on"]) } },
            { transform: [{ filter: "datum.isNewest" }], mark: { type: "text", align: "left", dx: 6, fontWeight: 600, cursor: "pointer" }, encoding: { text: { field: "n", format: ",d" } } },
          ],
        },
      };
    },
  };
  // A line with one week shows only its number.
  const NEEDS_WEEKS = new Set(["trend", "rates", "excess_rate", "sparks"]);

  let vega = null;
  function library() {
    vega ??= new Promise((resolve, reject) => {
      const script = report.element("script", { src: "assets/vega.js", async: true });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => reject(new Error("assets/vega.js")));
      document.head.append(script);
    });
    return vega;
  }

  // Draw a chart in an element; a click opens the linked rows, which are also links in its table.
  async function draw(place, name, rows) {
    const weeks = new Set(rows.columns.get("as_of_date") ?? []);
    const spec = rows.n && !(NEEDS_WEEKS.has(name) && weeks.size < 2) ? SPECS[name](rows, place.dataset) : null;
    // Vega-Lite by default; a flow always has data to draw.
    const isVega = Boolean(spec?.marks);
    if (!spec || (!isVega && spec.data.values.every(({ n, n_open: open }) => !(n ?? open)))) {
      place.replaceChildren(report.element("p", { className: "quiet" }, NEEDS_WEEKS.has(name) && weeks.size < 2 ? "One week is published so far; lines begin with the second." : "There are no data to draw."));
      return;
    }
    await library();
    const description = place.dataset.title ?? name;
    const autosize = { type: spec.facet ? "pad" : "fit-x", contains: "padding" };
    const whole = isVega
      ? { description, background: "transparent", ...spec }
      : { $schema: "https://vega.github.io/schema/vega-lite/v6.json", description, autosize, config: CONFIG, ...(spec.facet ? {} : { width: "container" }), ...spec };
    const { view } = await vegaEmbed(place, whole, { mode: isVega ? "vega" : "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true }, logLevel: 1 });
    // A line has the datum of its first point, which is from the same row.
    view.addEventListener("click", (_, item) => item?.datum?.href && location.assign(item.datum.href));
  }

  return { draw, names: Object.keys(SPECS) };
})();
