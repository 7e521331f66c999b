"use strict";

// The page of one application or one persona, whose id is in the address.
report.openPage = async () => {
  const { address, element, Rows, tile, text } = report;
  const heading = document.querySelector("[data-subject]");
  const subject = heading.dataset.subject;
  const id = address.get(subject);
  const number = (await report.load(`${subject}/index`)).indexOf(id);
  heading.textContent = id || heading.textContent;
  if (number < 0) {
    report.say(`There is no ${subject} '${id}' in this week: choose one from the list of ${subject}s.`);
    return;
  }
  const found = await report.load(`${subject}/${number}`);
  const about = Rows.of(found.about);
  const facts = about.n ? about.row(0) : {};
  const name = facts[`${subject}_name`];
  document.title = `${name ?? id} – ${document.title}`;
  heading.textContent = name ?? id;
  document.querySelector("[data-lead]").textContent = name ? id : "";
  report.showFacts(document, facts);
  document.querySelector("[data-facts-section]").hidden = !about.n;

  const trend = Rows.of(found.trend);
  const week = document.body.dataset.week;
  const newest = trend.n && trend.get("as_of_date", trend.n - 1) === week ? trend.row(trend.n - 1) : null;
  if (newest) {
    const counts = ["match", "missing", "excess", "unassessed", "open"];
    document.querySelector("[data-tiles]").replaceChildren(
      tile("Match rate", newest.match_rate === null ? "–" : text("share", newest.match_rate), "rate"),
      ...counts.map((count) => tile(count === "open" ? "Open" : count[0].toUpperCase() + count.slice(1), text("number", newest[`n_${count}`]), count)),
    );
    document.querySelector("[data-trend]").hidden = false;
    report.charts(document.querySelector("[data-trend] .charts"), trend);
  }
  for (const section of document.querySelectorAll("[data-table]")) {
    const rows = Rows.of(found[section.dataset.table]);
    if (facts.is_baseline && section.dataset.table === "members" && !rows.n) document.querySelector("[data-baseline]").hidden = false;
    else report.tables.get(section.dataset.table).show(rows);
  }
};
