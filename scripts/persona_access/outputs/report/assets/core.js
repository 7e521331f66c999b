"use strict";

// Shared by all pages: data files as scripts, filters in the address, values as nodes.
// Text of the data becomes text nodes only, never markup.
const report = (() => {
  const documents = new Map();

  // A data file calls this with its content.
  function put(name, document) {
    documents.get(name).resolve(document);
  }

  // Load a data file once; pages opened from a folder cannot fetch, but they can add scripts.
  function load(name) {
    if (!documents.has(name)) {
      const waiting = {};
      waiting.document = new Promise((resolve, reject) => {
        waiting.resolve = resolve;
        const script = element("script", { src: `data/${name}.js`, async: true });
        script.addEventListener("error", () => reject(new Error(`data/${name}.js`)));
        document.head.append(script);
      });
      documents.set(name, waiting);
    }
    return documents.get(name).document;
  }

  function element(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in node) node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  // The start of a formula, for spreadsheets of any country; lists for reviewers follow the same rule.
  const BEFORE_FORMULA = "(?=[\\s\\x1c-\\x1f\\x85]*[=+\\-@＝＋－＠]|[\\t\\r])";
  const INSIDE = new RegExp(`[;\\t\\r\\n]${BEFORE_FORMULA}`, "g");
  const AT_START = new RegExp(`^${BEFORE_FORMULA}`);

  // Put an apostrophe before text that a spreadsheet would compute.
  function harmless(text) {
    return text.replace(AT_START, "'").replace(INSIDE, "$&'");
  }

  function say(sentence) {
    const problem = document.getElementById("problem");
    problem.textContent = sentence;
    problem.hidden = false;
  }

  // Rows stored by column. A file has a plain list, or values and codes if values repeat.
  class Rows {
    constructor() {
      this.n = 0;
      this.columns = new Map();
    }

    static of(document) {
      const rows = new Rows();
      if (document) rows.append(document);
      return rows;
    }

    append(document) {
      for (const [name, column] of Object.entries(document.columns)) {
        if (!this.columns.has(name)) this.columns.set(name, []);
        const held = this.columns.get(name);
        if (Array.isArray(column)) for (const value of column) held.push(value);
        else for (const code of column.codes) held.push(code ? column.values[code - 1] : null);
      }
      this.n += document.n;
    }

    get(name, row) {
      const value = this.columns.get(name)?.[row];
      return value === undefined ? null : value;
    }

    row(row) {
      return Object.fromEntries([...this.columns.keys()].map((name) => [name, this.get(name, row)]));
    }
  }

  // Filters live after the # of the address, so that a view can be sent to somebody else.
  const address = {
    all: () => new URLSearchParams(location.hash.slice(1)),
    get: (key) => address.all().get(key) ?? "",
    set(key, value) {
      const held = address.all();
      if (value) held.set(key, value);
      else held.delete(key);
      // An empty # would make the browser jump; the bare address is equivalent.
      history.replaceState(null, "", `#${held}`);
    },
  };

  function to(page, key, value) {
    return `${page}.html#${new URLSearchParams([[key, value]])}`;
  }

  // The meaning of a word of a column.
  function meaning(column, value) {
    return report.glossary?.[column]?.[value] ?? "";
  }

  // The address of the rows behind a count, as its column declares them.
  function rowsOf(declared, get) {
    for (const alternative of declared.split(";")) {
      const [, column, wanted, page, table, conditions] = alternative.match(/^(?:([^=:/]+)=([^:]+):)?([^/]+)\/([^?]+)\?(.*)$/);
      if (column && get(column) !== wanted) continue;
      const filters = new URLSearchParams();
      for (const condition of conditions.split("&")) {
        const at = condition.indexOf("=");
        const value = condition.slice(at + 1).replace(/\{(\w+)\}/g, (_, name) => get(name) ?? "(none)");
        filters.append(`${table}.${condition.slice(0, at)}`, value);
      }
      // Rows of a chosen week are found in that week.
      for (const chosen of ["week", "beside"]) if (page === "weeks" && address.get(chosen)) filters.append(chosen, address.get(chosen));
      return `${page}.html#${filters}`;
    }
    return null;
  }

  const SHAPES = { match: "●", missing: "○", excess: "▲", unassessed: "◇" };

  function link(page, value) {
    // `(none)` and `(not in HR)` are nobody, and `*` is everything.
    return value.startsWith("(") || value === "*" ? value : element("a", { href: to(page, page === "person" ? "brid" : page, value) }, value);
  }

  // How a kind of value is written: as text, and as a node if it is more than text.
  const asText = {
    number: (value) => value.toLocaleString("en"),
    // Only exactly all or nothing is shown as 100 % or 0 %.
    share: (value) => {
      if (value >= 0.9995 && value < 1) return "> 99.9 %";
      return value > 0 && value < 0.0005 ? "< 0.1 %" : `${(value * 100).toFixed(1)} %`;
    },
    flag: (value) => (value ? "yes" : "no"),
    word: (value) => value.replaceAll("_", " ").replace(/\b(hr|iam|sla)\b/g, (short) => short.toUpperCase()),
    status: (value) => value,
    personas: (value) => value.split(" | ").join(", "),
  };
  const asNode = {
    brid: (value) => link("person", value),
    application: (value) => link("application", value),
    week: (value) => element("a", { href: to("weeks", "week", value) }, value),
    persona: (value) => link("persona", value),
    personas: (value) => {
      const list = element("span");
      value.split(" | ").forEach((persona, place) => list.append(...(place ? [", "] : []), link("persona", persona)));
      return list;
    },
    status: (value) =>
      element("span", { className: `status ${value}` }, element("span", { className: "shape", ariaHidden: "true" }, SHAPES[value] ?? ""), value),
    share: (value) => {
      const bar = element("span", { className: "bar-of-share", ariaHidden: "true" }, element("span"));
      bar.firstChild.style.width = `${value * 100}%`;
      return element("span", { className: "share" }, asText.share(value), bar);
    },
    risk: (value) => element("span", { className: `risk ${value}` }, value),
    flag: (value) => element("span", { className: value ? "yes" : "no" }, asText.flag(value)),
  };

  function text(kind, value) {
    if (value === null || value === undefined) return "";
    return asText[kind] ? asText[kind](value) : String(value);
  }

  function node(kind, value) {
    if (value === null || value === undefined) return "";
    return asNode[kind] ? asNode[kind](value) : text(kind, value);
  }

  function tile(name, value, shape, address = null) {
    const href = value === "0" ? null : address;
    const figure = element("p", { className: "tile-value" }, value);
    if (href) figure.dataset.counts = href;
    return element(
      "div",
      { className: `tile ${shape}` },
      element("p", { className: "tile-name" }, element("span", { className: "shape", ariaHidden: "true" }), href ? element("a", { href }, name) : name),
      figure,
    );
  }

  // Fill the list of facts; unknown ones are omitted.
  function showFacts(scope, facts) {
    for (const place of scope.querySelectorAll("[data-fact]")) {
      const value = facts[place.dataset.fact];
      place.replaceChildren(node(place.dataset.kind, value));
      place.parentElement.hidden = value === null || value === undefined;
    }
  }

  // The link to other weeks keeps the shown subject, instead of the whole bank.
  function showOtherWeeks(filter, value) {
    document.querySelector("[data-other-weeks]").href = to("weeks", filter, value);
  }

  return { put, load, element, harmless, say, Rows, address, to, rowsOf, meaning, text, node, tile, showFacts, showOtherWeeks };
})();
