"use strict";

// The page of one application or persona, whose id is in the address; false without an id.
report.openPage = async () => {
  const { address, element, Rows, tile, text } = report;
  const heading = document.querySelector("[data-subject]");
  const subject = heading.dataset.subject;
  const id = address.get(subject);
  const number = (await report.load(`${subject}/index`)).indexOf(id);
  heading.textContent = id || heading.textContent;
  if (number < 0) {
    report.say(id ? `There is no ${subject} '${id}' in this week: choose one from the list of ${subject}s.` : `No ${subject} is chosen: choose one from the list of ${subject}s.`);
    return false;
  }
  const sections = await report.load(`${subject}/${number}`);
  const about = Rows.of(sections.about);
  const facts = about.n ? about.row(0) : {};
  const name = facts[`${subject}_name`];
  document.title = `${name ?? id} – ${document.title}`;
  heading.textContent = name ?? id;
  document.querySelector("[data-lead]").textContent = name ? id : "";
  report.showFacts(document, facts);
  document.querySelector("[data-facts-section]").hidden = !about.n;
  report.showOtherWeeks(subject === "application" ? "week_findings.application_id" : "week_personas.persona_id", id);

  const trend = Rows.of(sections.trend);
  const week = document.body.dataset.week;
  const newest = trend.n && trend.get("as_of_date", trend.n - 1) === week ? trend.row(trend.n - 1) : null;
  if (newest) {
    const whose = subject === "application" ? `application_id=${id}` : `persona_ids=${id}`;
    const found = (conditions) => report.rowsOf(`findings/findings?finding_state=open&${conditions}&${whose}`, () => null);
    const rate = (name) => (facts[name] === null || facts[name] === undefined ? "–" : text("share", facts[name]));
    const count = (name) => text("number", newest[`n_${name}`]);
    document.querySelector("[data-tiles]").replaceChildren(
      tile("To act on", count("open"), "open", found("disposition=open")),
      tile("Excess", count("excess"), "excess", found("finding_type=excess")),
      tile("Missing", count("missing"), "missing", found("finding_type=missing")),
      tile("Unassessed", count("unassessed"), "unassessed", report.rowsOf(`findings/unassessed?${whose}`, () => null)),
      tile("Matches", count("match"), "match"),
      tile("Required access in place", rate("match_rate"), "rate"),
      tile("Excess rate", rate("excess_rate"), "rate"),
    );
    document.querySelector("[data-trend]").hidden = false;
    report.chartRows = { trend };
  }
  report.chartRows ??= { trend: new Rows() };
  for (const section of document.querySelectorAll("[data-table]")) {
    const rows = Rows.of(sections[section.dataset.table]);
    if (facts.is_baseline && section.dataset.table === "members" && !rows.n) document.querySelector("[data-baseline]").hidden = false;
    else report.tables.get(section.dataset.table).show(rows);
  }
};
