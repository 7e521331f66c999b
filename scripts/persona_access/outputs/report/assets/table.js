"use strict";

// A table that can be searched, filtered, sorted, paged, printed and downloaded. Rows stay in lists
// by column and only the page in view becomes nodes: 100,000 rows answer at once.
report.Table = class {
  static PRINTED_ROWS = 1000;
  static MOST_CHOICES = 200;
  static WORDS = new Set(["word", "status", "risk"]);

  constructor(section) {
    const { element } = report;
    this.section = section;
    this.name = section.dataset.table;
    this.usualSize = this.pageSize = Number(section.dataset.pageSize);
    this.heads = [...section.querySelectorAll("thead th")];
    this.columns = this.heads.map((head) => ({
      head,
      name: head.dataset.name,
      kind: head.dataset.kind,
      label: head.textContent,
      isFacet: head.hasAttribute("data-facet"),
      isExtra: head.hasAttribute("data-extra"),
      rows: head.dataset.rows,
    }));
    this.filters = section.querySelector("[data-filters]");
    this.scroll = section.querySelector(".scroll");
    this.body = section.querySelector("tbody");
    this.count = section.querySelector("[data-count]");
    this.pager = section.querySelector("[data-pager]");
    this.tools = section.querySelector("[data-tools]");
    this.rows = new report.Rows();
    for (const column of this.columns) {
      column.button = element("button", { type: "button", className: "sort" }, column.label);
      column.button.addEventListener("click", () => this.sortBy(column));
      column.head.replaceChildren(column.button);
    }
    this.search = element("input", { type: "search", autocomplete: "off", spellcheck: false });
    this.search.addEventListener("input", () => this.change("q", this.search.value));
    this.clear = element("button", { type: "button" }, "Clear filters");
    this.clear.addEventListener("click", () => this.clearFilters());
    this.download = element("button", { type: "button" }, "Download CSV");
    this.download.addEventListener("click", () => this.save());
    this.wider = element("button", { type: "button" });
    this.wider.addEventListener("click", () => this.change("all", report.address.get(this.key("all")) ? "" : "yes"));
    this.buildPager();
    section.querySelector(".meaning")?.addEventListener("toggle", () => this.explainWords(), { once: true });
    // A table that fits keeps its headings below the bar on top; a wider one scrolls by itself.
    new ResizeObserver(() => this.fit()).observe(this.scroll);
    addEventListener("hashchange", () => this.rows.n && this.update());
    addEventListener("beforeprint", () => this.rows.n && this.draw(report.Table.PRINTED_ROWS));
    addEventListener("afterprint", () => this.rows.n && this.draw());
  }

  // All files are requested at once; the first is enough to begin.
  async loadFiles() {
    const nFiles = Number(this.section.dataset.files);
    const files = Array.from({ length: nFiles }, (_, file) => report.load(`${this.name}/${file}`));
    for (const [file, document] of files.entries()) {
      this.rows.append(await document);
      this.isLoading = file + 1 < nFiles;
      if (file === 0 || !this.isLoading) this.show(this.rows);
    }
    if (!nFiles) this.show(this.rows);
  }

  fit() {
    this.scroll.classList.remove("wide");
    this.scroll.classList.toggle("wide", this.scroll.scrollWidth > this.scroll.clientWidth + 1);
  }

  // The words in the table, with their meanings.
  explainWords() {
    const { element } = report;
    const list = this.section.querySelector(".meaning dl");
    for (const column of this.columns.filter(({ kind, isHidden }) => report.Table.WORDS.has(kind) && !isHidden)) {
      const told = [...new Set(column.values)].filter((value) => value && report.meaning(column.name, value)).sort();
      for (const value of told) list.append(element("div", {}, element("dt", {}, `${column.label}: ${report.text("word", value)}`), element("dd", {}, report.meaning(column.name, value))));
    }
  }

  // Shown columns: not empty ones, and columns with details only on demand.
  seen() {
    const all = report.address.get(this.key("all"));
    return this.columns.filter((column) => !column.isHidden && (all || !column.isExtra));
  }

  show(rows) {
    this.rows = rows;
    this.section.hidden = false;
    for (const column of this.columns) {
      column.values = rows.columns.get(column.name) ?? [];
      column.searched = column.ranks = null;
      // As in `explain`: a column that is empty in every row is omitted.
      column.isHidden = rows.n > 0 && column.values.every((value) => value === null);
    }
    this.facets = this.columns.filter((column) => column.isFacet && !column.isHidden);
    // The choices are known when all rows are loaded.
    if (!this.isLoading) this.buildTools();
    this.update();
  }

  buildTools() {
    const { element } = report;
    const field = (label, input) => element("label", { className: "field" }, element("span", {}, label), input);
    for (const facet of this.facets) {
      const options = this.optionsOf(facet);
      // There is no list of all people to choose from: links filter by one person, and the search
      // finds one.
      facet.isChoice = options.length > 1 && options.length <= report.Table.MOST_CHOICES && facet.name !== "brid";
      if (!facet.isChoice) options.length = 0;
      facet.select = element("select", {}, element("option", { value: "" }, "all"));
      for (const [value, n] of options) {
        const said = value === "(none)" ? value : facet.kind === "number" ? value : report.text(facet.kind === "personas" ? "text" : facet.kind, value);
        facet.select.append(element("option", { value: String(value) }, `${said} (${n.toLocaleString("en")})`));
      }
      facet.select.addEventListener("change", () => this.change(facet.name, facet.select.value));
    }
    const facets = this.facets.filter((facet) => facet.isChoice || report.address.get(this.key(facet.name)));
    const isLong = this.rows.n > 15;
    const fields = (list) => list.map((facet) => field(facet.label, facet.select));
    const more = facets.filter((facet) => facet.isExtra);
    this.tools.replaceChildren(
      ...(isLong || report.address.get(this.key("q")) ? [field("Search", this.search)] : []),
      ...(isLong ? fields(facets.filter((facet) => !facet.isExtra)) : []),
      this.clear,
      ...(isLong && more.length ? [element("details", { className: "more" }, element("summary", {}, "More filters"), element("div", { className: "tools" }, ...fields(more)))] : []),
    );
    this.count.after(this.wider, this.download);
    this.wider.hidden = !this.columns.some((column) => column.isExtra && !column.isHidden);
    this.tools.hidden = !isLong && !this.tools.querySelector("label");
    this.download.hidden = !this.rows.n;
  }

  // Values of a facet with their frequency, in the order in which people search for them.
  optionsOf({ kind, values }) {
    const counts = new Map();
    const add = (value) => counts.set(value, (counts.get(value) ?? 0) + 1);
    for (const value of values) {
      if (kind === "number") add(value > 0 ? "some" : "none");
      else if (value === null) add("(none)");
      else if (kind === "personas") value.split(" | ").forEach(add);
      else add(value);
    }
    const collator = new Intl.Collator("en", { numeric: true });
    return [...counts].sort(([a], [b]) => collator.compare(String(a), String(b)));
  }

  key(name) {
    return `${this.name}.${name}`;
  }

  change(name, value) {
    report.address.set(this.key(name), value);
    report.address.set(this.key("page"), "");
    this.update();
  }

  clearFilters() {
    for (const name of ["q", "page", ...this.facets.map((facet) => facet.name)]) report.address.set(this.key(name), "");
    this.update();
    (this.search.isConnected ? this.search : this.download).focus();
  }

  sortBy(column) {
    const held = report.address.get(this.key("sort"));
    // Numbers are sorted from the largest, names from the start of the alphabet.
    const isNumber = ["number", "share"].includes(column.kind);
    const [first, second] = isNumber ? [`-${column.name}`, column.name] : [column.name, `-${column.name}`];
    this.change("sort", held === first ? second : held === second ? "" : first);
  }

  // Read the address, choose and order the rows, draw.
  update() {
    const said = (name) => report.address.get(this.key(name));
    if (this.search.value !== said("q")) this.search.value = said("q");
    this.chosen = this.filtered(said);
    this.order(said("sort"));
    this.tellFilters(said);
    this.page = Math.min(Math.max(Number(said("page")) || 1, 1), this.nPages());
    this.clear.hidden = !["q", ...this.facets.map((facet) => facet.name)].some(said);
    this.draw();
  }

  // The filters in words: those behind a link, in a closed list or on paper are seen, too.
  tellFilters(said) {
    const words = this.facets.filter((facet) => said(facet.name)).map((facet) => [facet.label, said(facet.name), facet.kind]);
    if (said("q")) words.push(["Search", said("q"), "text"]);
    const value = (text, kind) => (kind === "flag" ? { true: "yes", false: "no" }[text] : kind === "word" && !text.startsWith("(") ? report.text(kind, text) : text);
    this.filters.hidden = !words.length;
    this.filters.replaceChildren("Filtered: ", words.map(([label, text, kind]) => `${label} = ${value(text, kind)}`).join("; "));
  }

  nPages() {
    return Math.max(Math.ceil(this.chosen.length / this.pageSize), 1);
  }

  filtered(said) {
    const tests = [];
    for (const facet of this.facets) {
      const wanted = said(facet.name);
      if (facet.select) {
        // A link can select several values at once.
        if (wanted && ![...facet.select.options].some(({ value }) => value === wanted)) facet.select.append(report.element("option", { value: wanted }, wanted.replaceAll("|", " or ")));
        facet.select.value = wanted;
      }
      if (!wanted) continue;
      const { values, kind } = facet;
      if (kind === "number") tests.push((row) => (wanted === "some") === values[row] > 0);
      else if (kind === "personas") tests.push((row) => (values[row] === null ? wanted === "(none)" : values[row].split(" | ").includes(wanted)));
      else {
        const accepted = new Set(wanted.split("|"));
        tests.push((row) => accepted.has(String(values[row] ?? "(none)")));
      }
    }
    const looked = this.columns.filter(({ kind, isHidden }) => !isHidden && !["number", "share", "date", "flag"].includes(kind));
    for (const term of said("q").toLowerCase().split(/\s+/).filter(Boolean)) {
      for (const column of looked) column.searched ??= column.values.map((value) => report.text(column.kind, value).toLowerCase());
      tests.push((row) => looked.some((column) => column.searched[row].includes(term)));
    }
    const chosen = [];
    for (let row = 0; row < this.rows.n; row += 1) if (tests.every((test) => test(row))) chosen.push(row);
    return chosen;
  }

  order(sort) {
    const column = this.columns.find(({ name }) => name === sort.replace(/^-/, ""));
    for (const each of this.columns) {
      each.head.removeAttribute("aria-sort");
      if (each === column) each.head.setAttribute("aria-sort", sort.startsWith("-") ? "descending" : "ascending");
    }
    if (!column) return;
    const ranks = (column.ranks ??= this.ranked(column));
    const sign = sort.startsWith("-") ? -1 : 1;
    // Rows without a value come last in both directions.
    this.chosen.sort((a, b) => (ranks[a] === null) - (ranks[b] === null) || sign * (ranks[a] - ranks[b]) || a - b);
  }

  ranked({ kind, values }) {
    if (["number", "share", "flag"].includes(kind)) return values.map((value) => (value === null ? null : Number(value)));
    const distinct = [...new Set(values)].filter((value) => value !== null);
    distinct.sort(new Intl.Collator("en", { numeric: true }).compare);
    const rank = new Map(distinct.map((value, place) => [value, place]));
    return values.map((value) => (value === null ? null : rank.get(value)));
  }

  draw(nPrinted = 0) {
    const { element } = report;
    const from = nPrinted ? 0 : (this.page - 1) * this.pageSize;
    const shown = this.chosen.slice(from, from + (nPrinted || this.pageSize));
    const columns = this.seen();
    for (const column of this.columns) column.head.hidden = !columns.includes(column);
    // Paper has space for a dozen columns in the usual size.
    this.scroll.classList.toggle("many", columns.length > 12);
    // A row is identified by the person or thing that it is about.
    const head = columns.find(({ kind }) => ["brid", "application", "persona"].includes(kind)) ?? columns[0];
    this.wider.textContent = report.address.get(this.key("all")) ? "Fewer columns" : "All columns";
    this.body.replaceChildren(
      ...shown.map((row) =>
        element(
          "tr",
          {},
          ...columns.map((column) => {
            const isHead = column === head && column.values[row] !== null && column.values[row] !== undefined;
            const cell = isHead ? element("th", { scope: "row" }) : element("td");
            cell.dataset.name = column.name;
            cell.dataset.kind = column.kind;
            if (report.Table.WORDS.has(column.kind) && column.values[row]) cell.title = report.meaning(column.name, column.values[row]);
            cell.append(this.linked(column, row) ?? report.node(column.kind, column.values[row] ?? null));
            return cell;
          }),
        ),
      ),
    );
    if (!shown.length) {
      const sentence = this.rows.n ? "No row fits these filters." : this.section.dataset.empty;
      this.body.append(element("tr", { className: "none" }, element("td", { colSpan: columns.length }, sentence)));
    }
    this.tell(from, shown.length);
    this.fit();
  }

  // A count as a link to its rows, if there are any.
  linked({ kind, rows, values }, row) {
    if (!rows || !values[row]) return null;
    const href = report.rowsOf(rows, (name) => this.rows.get(name, row));
    return href && report.element("a", { href, "data-counts": "" }, report.text(kind, values[row]));
  }

  tell(from, nShown) {
    const said = (n) => n.toLocaleString("en");
    const [all, chosen] = [this.rows.n, this.chosen.length];
    const range = nShown < chosen ? `${said(from + 1)}–${said(from + nShown)} of ` : "";
    const filtered = chosen < all ? `, filtered from ${said(all)}` : "";
    this.count.textContent = `${range}${said(chosen)} ${chosen === 1 ? "row" : "rows"}${filtered}${this.isLoading ? ", loading more …" : ""}`;
    this.pager.hidden = chosen <= this.usualSize;
    this.where.textContent = `Page ${said(this.page)} of ${said(this.nPages())}`;
    this.previous.disabled = this.page === 1;
    this.next.disabled = this.page === this.nPages();
  }

  buildPager() {
    const { element } = report;
    const step = (label, by) => {
      const button = element("button", { type: "button", ariaLabel: `${label} page of ${this.name.replaceAll("_", " ")}` }, label);
      button.addEventListener("click", () => {
        report.address.set(this.key("page"), String(this.page + by));
        this.update();
      });
      return button;
    };
    this.previous = step("Previous", -1);
    this.next = step("Next", 1);
    this.where = element("span");
    const sizes = [10, 25, 50, 100, 250];
    const size = element("select", {}, ...sizes.map((n) => element("option", { value: n, selected: n === this.pageSize }, String(n))));
    size.addEventListener("change", () => {
      this.pageSize = Number(size.value);
      report.address.set(this.key("page"), "");
      this.update();
    });
    this.pager.replaceChildren(this.previous, this.where, this.next, element("label", { className: "field" }, element("span", {}, "Rows a page"), size));
  }

  // All rows that fit the filters. A value that a spreadsheet would compute is marked as text.
  save() {
    const columns = this.columns.filter((column) => !column.isHidden);
    const quoted = (value) => {
      const safe = typeof value === "string" ? report.harmless(value) : String(value ?? "");
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    const lines = [columns.map(({ name }) => name), ...this.chosen.map((row) => columns.map(({ values }) => values[row]))];
    const text = lines.map((line) => line.map(quoted).join(",")).join("\r\n");
    const url = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/csv" }));
    const link = report.element("a", { href: url, download: `${this.name}_${document.body.dataset.week}.csv` });
    link.click();
    URL.revokeObjectURL(url);
  }
};
