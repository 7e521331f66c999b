"use strict";

// The search on top: people, applications, personas, reasons and causes, by id or name in any
// spelling. People are loaded when somebody begins to type.
report.search = (form) => {
  const { element, load, text, to } = report;
  const input = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  const SHOWN = 10;
  let entries = null;
  let active = -1;

  // The normalised spelling of input: no accents, no punctuation, no case; a BRID without `b` and
  // zeros.
  const folded = (written) => String(written ?? "").normalize("NFD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").replace(/^b?0*(\d+)$/, "$1");

  async function collect() {
    const known = await load("search/index");
    const entry = (kind, id, name, href) => ({ kind, id, name, href, keys: [folded(id), folded(name)] });
    const found = [
      ...known.applications.map(([id, name]) => entry("application", id, name, to("application", "application", id))),
      ...known.personas.map(([id, name]) => entry("persona", id, name, to("persona", "persona", id))),
      ...known.words.map(([kind, value, table, column]) => entry(kind, text("word", value), null, to(table === "findings" ? "findings" : "changes", `${table}.${column}`, value))),
    ];
    for (let file = 0; file < Number(form.dataset.files); file += 1) {
      const people = report.Rows.of(await load(`people/${file}`));
      for (let row = 0; row < people.n; row += 1) found.push(entry("person", people.get("brid", row), people.get("full_name", row), to("person", "brid", people.get("brid", row))));
    }
    return found;
  }

  async function look() {
    const wanted = folded(input.value);
    if (!wanted) return show([]);
    entries ??= collect();
    const all = await entries;
    if (folded(input.value) !== wanted) return null;
    const grade = ({ keys }) => (keys.includes(wanted) ? 0 : keys.some((key) => key.startsWith(wanted)) ? 1 : keys.some((key) => key.includes(wanted)) ? 2 : 3);
    const graded = all.map((each, place) => [grade(each), place, each]).filter(([n]) => n < 3);
    graded.sort(([a, p], [b, q]) => a - b || p - q);
    return show(graded.slice(0, SHOWN).map(([, , each]) => each), graded.length);
  }

  function show(found, n = 0) {
    active = -1;
    list.replaceChildren(
      ...found.map(({ kind, id, name, href }, place) => {
        const option = element("li", { role: "option", id: `found-${place}` }, element("span", { className: "badge" }, kind), ` ${id}`, name ? ` ${name}` : "");
        option.dataset.href = href;
        option.addEventListener("mousedown", () => location.assign(href));
        return option;
      }),
    );
    if (n > found.length) list.append(element("li", { role: "option", ariaDisabled: "true", className: "quiet" }, `and ${(n - found.length).toLocaleString("en")} more: Enter lists people`));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function move(by) {
    const options = [...list.querySelectorAll("[data-href]")];
    if (!options.length) return;
    active = (active + by + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  input.addEventListener("input", look);
  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") show([]);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    if (!wanted) return;
    if (active < 0) await look();
    const options = [...list.querySelectorAll("[data-href]")];
    const [all, key] = [await entries, folded(wanted)];
    const exact = all.filter(({ keys }) => keys.includes(key));
    // A certain result opens directly; with several or none, the people are listed.
    if (active >= 0) location.assign(options[active].dataset.href);
    else if (exact.length === 1) location.assign(exact[0].href);
    else if (options.length === 1) location.assign(options[0].dataset.href);
    else location.assign(to("people", "people.q", wanted));
  });
};
