"use strict";

// Lines over the weeks. Each has its own mark, dash and name beside it, so that colour is not needed.
report.charts = (() => {
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [560, 220, 60, 104, 12, 28];
  const MARKS = {
    match: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0",
    missing: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0",
    excess: "M0 -4.5L4.5 3.5L-4.5 3.5Z",
    unassessed: "M0 -5L4.5 0L0 5L-4.5 0Z",
  };

  function svg(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function day(iso) {
    return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  }

  // Round steps for the axis, at least four of them.
  function ticks(low, high) {
    const rough = (high - low) / 4 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
    const first = Math.floor(low / step);
    return Array.from({ length: Math.ceil(high / step - 1e-9) - first + 1 }, (_, place) => (first + place) * step);
  }

  function chart(title, weeks, series, kind) {
    const known = series.flatMap(({ values }) => values.filter((value) => value !== null));
    const high = kind === "share" ? 1 : Math.max(...known, 4);
    const steps = ticks(kind === "share" ? Math.min(...known, 0.995) : 0, high).filter((tick) => kind !== "share" || tick <= 1);
    const [bottom, top] = [steps[0], Math.max(steps.at(-1), kind === "share" ? 1 : 0)];
    const x = (week) => LEFT + ((WIDTH - LEFT - RIGHT) * week) / Math.max(weeks.length - 1, 1);
    const y = (value) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (value - bottom)) / (top - bottom || 1);
    const said = (value) => report.text(kind, value);
    const summary = series.map(({ label, values }) => `${label}: ${said(values[0])} on ${weeks[0]}, ${said(values.at(-1))} on ${weeks.at(-1)}`);
    const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${summary.join("; ")}.` });
    for (const tick of steps) {
      drawing.append(
        svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
        svg("text", { x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, said(Number(tick.toFixed(6)))),
      );
    }
    const every = Math.ceil(weeks.length / 6);
    weeks.forEach((week, place) => {
      if ((weeks.length - 1 - place) % every === 0) drawing.append(svg("text", { x: x(place), y: HEIGHT - 8, "text-anchor": "middle" }, day(week)));
    });
    // Names at the ends of the lines, pushed apart where lines end close together, and back up where
    // the lowest would then stand among the dates.
    const ends = series.map((line) => ({ ...line, end: y(line.values.at(-1) ?? bottom) })).sort((a, b) => a.end - b.end);
    ends.forEach((line, place) => {
      line.nameAt = Math.max(line.end, place ? ends[place - 1].nameAt + 15 : TOP);
    });
    [...ends].reverse().forEach((line, place, upwards) => {
      line.nameAt = Math.min(line.nameAt, place ? upwards[place - 1].nameAt - 15 : HEIGHT - BOTTOM);
    });
    for (const { name, label, values, nameAt } of ends) {
      const points = values.map((value, week) => [value, week]).filter(([value]) => value !== null);
      drawing.append(
        svg(
          "g",
          { class: `line ${name}` },
          svg("polyline", { points: points.map(([value, week]) => `${x(week)},${y(value)}`).join(" ") }),
          ...points.map(([value, week]) =>
            svg("path", { d: MARKS[name], transform: `translate(${x(week)} ${y(value)})` }, svg("title", {}, `${label}, ${weeks[week]}: ${said(value)}`)),
          ),
          svg("text", { x: WIDTH - RIGHT + 12, y: nameAt + 4 }, label),
        ),
      );
    }
    return report.element("figure", {}, report.element("figcaption", {}, title), drawing);
  }

  // Draw the share of matches and the counts of the rest into a place; a line needs two weeks.
  return function charts(place, rows) {
    const weeks = rows.columns.get("as_of_date") ?? [];
    if (weeks.length < 2) {
      place.replaceChildren(report.element("p", { className: "quiet" }, "One week is published so far; lines begin with the second."));
      return;
    }
    const line = (name, label) => ({ name, label, values: rows.columns.get(name === "match" ? "match_rate" : `n_${name}`) });
    place.replaceChildren(
      chart("Required access in place", weeks, [line("match", "Match rate")], "share"),
      chart("Findings, and access that cannot be classified", weeks, [line("missing", "Missing"), line("excess", "Excess"), line("unassessed", "Unassessed")], "number"),
    );
  };
})();
