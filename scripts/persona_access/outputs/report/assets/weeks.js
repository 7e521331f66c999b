"use strict";

// Two weeks side by side, each figure of both and the difference; the choice is in the address.
report.compareWeeks = (place, table) => {
  const { address, element, text } = report;
  const rows = table.rows;
  const weeks = [...(rows.columns.get("as_of_date") ?? [])].reverse();
  place.hidden = weeks.length < 2;
  if (place.hidden) return;
  const choice = (key, usual) => {
    const select = element("select", {}, ...weeks.map((week) => element("option", { value: week }, week)));
    select.value = weeks.includes(address.get(key)) ? address.get(key) : usual;
    select.addEventListener("change", () => {
      address.set(key, select.value);
      show();
    });
    return select;
  };
  const [first, second] = [choice("week", weeks[1]), choice("with", weeks[0])];
  const body = element("tbody");
  const head = element("tr");

  function show() {
    const at = ({ value }) => rows.row(rows.columns.get("as_of_date").indexOf(value));
    const [before, after] = [at(first), at(second)];
    head.replaceChildren(...["Figure", first.value, second.value, "Difference"].map((name, n) => element("th", { scope: "col", "data-kind": n ? "number" : "text" }, name)));
    body.replaceChildren(
      ...table.columns
        .filter(({ kind }) => ["number", "share"].includes(kind))
        .map(({ name, label, kind }) => {
          const [from, to] = [before[name], after[name]];
          const known = from !== null && to !== null;
          const difference = known ? to - from : null;
          const signed = known ? `${difference > 0 ? "+" : ""}${kind === "share" ? `${(difference * 100).toFixed(2)} points` : difference.toLocaleString("en")}` : "";
          return element("tr", {}, element("th", { scope: "row" }, label), ...[text(kind, from), text(kind, to), signed].map((cell) => element("td", { "data-kind": "number" }, cell)));
        }),
    );
  }

  show();
  place.querySelector("[data-choice]").replaceChildren(element("label", { className: "field" }, "Week", first), element("label", { className: "field" }, "With", second));
  place.querySelector("table").append(element("thead", {}, head), body);
};
