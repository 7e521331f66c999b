"use strict";

// Flows between columns of nodes, in Vega: it stacks the nodes and draws the ribbons. A path goes
// through one node of each column: `{ steps: [name, ...], n, tone, href }`; without its own `tone`,
// a ribbon has that of its path.
report.sankey = (paths, { unit, height = 0 }) => {
  const [NODE, GAP, LEAST] = [10, 16, 2];
  const last = paths[0].steps.length - 1;
  const total = paths.reduce((sum, { n }) => sum + n, 0);
  const id = (stage, name) => `${stage} ${name}`;

  const nodes = new Map();
  const ribbons = new Map();
  for (const { steps, n, tone, href } of paths) {
    steps.forEach((name, stage) => {
      const node = nodes.get(id(stage, name)) ?? { id: id(stage, name), stage, name, n: 0 };
      nodes.set(node.id, { ...node, n: node.n + n });
      if (stage === last) return;
      const key = [stage, name, steps[stage + 1], tone].join(" ");
      const ribbon = ribbons.get(key) ?? { stage, from: id(stage, name), to: id(stage + 1, steps[stage + 1]), tone, n: 0, hrefs: new Set(), told: `${name} → ${steps[stage + 1]}` };
      ribbons.set(key, { ...ribbon, n: ribbon.n + n, hrefs: ribbon.hrefs.add(href?.(stage) ?? null) });
    });
  }
  const perStage = Array.from({ length: last + 1 }, (_, stage) => [...nodes.values()].filter((node) => node.stage === stage).length);
  const most = Math.max(...perStage);
  const whole = Math.max(height, 150, 26 * most);
  const scale = (whole - GAP * (most - 1)) / total;
  const font = getComputedStyle(document.body).fontFamily;
  const said = (n) => n.toLocaleString("en");
  // In the order of the paths in every column, so that ribbons cross only as often as the paths.
  const order = new Map([...nodes.keys()].map((key, place) => [key, place]));
  const drawn = [...ribbons.values()]
    .sort((a, b) => order.get(a.from) - order.get(b.from) || order.get(a.to) - order.get(b.to))
    .map(({ hrefs, told, n, ...ribbon }) => ({ ...ribbon, n, told: `${told}: ${said(n)} ${unit}`, href: hrefs.size === 1 ? [...hrefs][0] : null }));

  const stacked = (groupby, as) => ({ type: "stack", groupby, field: "n", as });
  const formula = (as, expr) => ({ type: "formula", as, expr });
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    height: whole,
    padding: 2,
    // Fitting would reserve space for the mitres of thick lines, which ribbons do not have.
    autosize: "none",
    signals: [{ name: "width", init: "containerSize()[0] - 4", on: [{ events: "window:resize", update: "containerSize()[0] - 4" }] }],
    data: [
      {
        name: "nodes",
        values: [...nodes.values()].map((node) => ({ ...node, label: `${node.name}  ${said(node.n)}` })),
        transform: [
          stacked(["stage"], ["n0", "n1"]),
          { type: "window", groupby: ["stage"], ops: ["row_number"], as: ["place"] },
          formula("y0", `datum.n0 * ${scale} + (datum.place - 1) * ${GAP}`),
          formula("y1", `datum.y0 + max(${LEAST}, datum.n * ${scale})`),
          formula("x", `datum.stage / ${last} * (width - ${NODE})`),
        ],
      },
      {
        name: "ribbons",
        values: drawn,
        transform: [
          stacked(["from"], ["f0", "f1"]),
          stacked(["to"], ["t0", "t1"]),
          { type: "lookup", from: "nodes", key: "id", fields: ["from"], values: ["x", "y0"], as: ["sx", "sy"] },
          { type: "lookup", from: "nodes", key: "id", fields: ["to"], values: ["x", "y0"], as: ["tx", "ty"] },
          formula("startX", `datum.sx + ${NODE}`),
          formula("startY", `datum.sy + (datum.f0 + datum.f1) / 2 * ${scale}`),
          formula("endY", `datum.ty + (datum.t0 + datum.t1) / 2 * ${scale}`),
          { type: "linkpath", orient: "horizontal", shape: "diagonal", sourceX: "startX", sourceY: "startY", targetX: "tx", targetY: "endY" },
        ],
      },
    ],
    marks: [
      {
        type: "path",
        name: "ribbon",
        from: { data: "ribbons" },
        encode: {
          enter: { stroke: { field: "tone" }, fill: { value: "none" }, tooltip: { field: "told" }, description: { field: "told" }, cursor: { signal: "datum.href ? 'pointer' : 'default'" } },
          update: { path: { field: "path" }, strokeWidth: { signal: `max(${LEAST}, datum.n * ${scale})` }, strokeOpacity: { value: 0.35 } },
          hover: { strokeOpacity: { value: 0.65 } },
        },
      },
      {
        type: "rect",
        name: "node",
        from: { data: "nodes" },
        encode: {
          enter: { fill: { value: "var(--control)" }, width: { value: NODE }, tooltip: { field: "label" }, description: { field: "label" } },
          update: { x: { field: "x" }, y: { field: "y0" }, y2: { field: "y1" } },
        },
      },
      {
        type: "text",
        from: { data: "nodes" },
        interactive: false,
        aria: false,
        encode: {
          enter: { text: { field: "label" }, baseline: { value: "middle" }, fill: { value: "var(--text)" }, font: { value: font }, align: { signal: `datum.stage === ${last} ? 'right' : 'left'` } },
          update: { fontSize: { signal: "width < 500 ? 11 : 12.5" }, x: { signal: `datum.stage === ${last} ? datum.x - 6 : datum.x + ${NODE + 6}` }, y: { signal: "(datum.y0 + datum.y1) / 2" } },
        },
      },
    ],
  };
};
