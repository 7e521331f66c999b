"use strict";

// The page of one person: what `persona-access explain` says, from one file of some hundred people.
report.openPage = async () => {
  const { address, element, node, text, tile } = report;
  const brid = address.get("brid");
  const shared = await report.load("person/index");
  const found = await find();
  document.querySelector("[data-name]").textContent = brid || "Person";
  if (!found) {
    report.say(brid ? `Nobody has the BRID '${brid}' in this week: look for the person among all people.` : "No person is chosen: look for one among all people.");
    return;
  }
  const person = found.person && named(shared.person, found.person);
  showHead();
  showPersonas();
  await showAccess();
  for (const [name, columns] of Object.entries(shared.sections)) if (found[name]) report.tables.get(name).show(byColumn(found[name].map((row) => named(columns, row))));

  // People are in files by order of their BRID: the last file that does not begin after it.
  async function find() {
    let [low, high] = [0, shared.firsts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shared.firsts[middle] <= brid) low = middle + 1;
      else high = middle;
    }
    const people = low && brid ? await report.load(`person/${low - 1}`) : {};
    return Object.hasOwn(people, brid) ? people[brid] : null;
  }

  function named(names, values) {
    return Object.fromEntries(names.map((name, place) => [name, values[place]]));
  }

  function byColumn(records) {
    const names = Object.keys(records[0] ?? {});
    return report.Rows.of({ n: records.length, columns: Object.fromEntries(names.map((name) => [name, records.map((record) => record[name])])) });
  }

  function showHead() {
    const name = person?.full_name;
    document.querySelector("[data-name]").textContent = name ?? brid;
    document.title = `${name ?? brid} – ${document.title}`;
    const lead = document.querySelector("[data-lead]");
    lead.append(name ? `BRID ${brid}` : "");
    const badge = (words) => lead.append(element("span", { className: "badge" }, words));
    if (person) {
      if (person.employment_state !== "employed") badge(text("word", person.employment_state));
      if (person.has_no_access) badge("works here and holds no access at all");
      if (person.has_hr_conflict) badge("several HR rows");
      const { manager_brid: manager, manager_name: managerName } = person;
      report.showFacts(document, person);
      if (person.attributes) document.querySelector("[data-section=person]").append(described(JSON.parse(person.attributes)));
      if (manager && managerName) document.querySelector("[data-fact=manager_brid]").append(` ${managerName}`);
      document.querySelector("[data-section=person]").hidden = false;
    } else {
      report.say("HR does not have this BRID in this week.");
    }
  }

  // A record as a list of names and values; what is not known is left out.
  function described(record) {
    const list = element("dl", { className: "facts source" });
    for (const [name, value] of Object.entries(record)) {
      if (value === null) continue;
      const isPerson = ["owner", "author", "approved_by", "requested_by"].includes(name);
      const isLong = String(value).length > 40;
      list.append(element("div", { className: isLong ? "wide" : "" }, element("dt", {}, text("word", name)), element("dd", { "data-source": name }, node(isPerson ? "brid" : "text", value))));
    }
    return list;
  }

  function sourcesOf(method, id) {
    if (method === "rule") return shared.rules.filter(({ rule }) => id.split(", ").includes(rule));
    if (method === "override") return shared.overrides.filter(({ override }) => override === id);
    if (method === "pretrained") return shared.mappings.filter(({ mapping }) => mapping === id);
    return shared.persona_lists.filter(({ persona_list_file: file }) => file === id);
  }

  function showPersonas() {
    const METHODS = {
      override: "by override",
      persona_list: "by the persona list",
      rule: "by rule",
      pretrained: "by pre-trained mapping",
      baseline: "baseline: everybody who works here holds it",
    };
    document.querySelector("[data-section=personas]").hidden = false;
    const place = document.querySelector("[data-personas]");
    const names = new Map(shared.personas.map(({ persona_id: id, persona_name: name }) => [id, name]));
    for (const [persona, method, source, support, confidence, unresolved] of found.personas ?? []) {
      const item = element("article", { className: "persona", "data-persona": persona ?? "", "data-method": method });
      if (unresolved) {
        item.append(element("p", {}, element("strong", {}, "None"), ", because ", element("span", { "data-unresolved": unresolved }, text("word", unresolved))));
      } else {
        item.append(element("p", {}, element("strong", {}, node("persona", persona)), ` ${names.get(persona) ?? ""} `, element("span", { className: "badge" }, METHODS[method])));
        const sources = source ? sourcesOf(method, source) : [];
        item.append(...(source && !sources.length ? [element("p", { className: "quiet" }, source)] : sources.map(described)));
        if (confidence !== null && !sources.some((each) => "confidence" in each)) item.append(element("p", { className: "quiet" }, `confidence ${text("share", confidence)}, support ${text("number", support)}`));
      }
      place.append(item);
    }
    if (!found.personas) place.append(element("p", { className: "quiet" }, "None: only people who work here on the date have a persona."));
    if (found.losers) {
      const losers = document.querySelector("[data-losers]");
      losers.hidden = false;
      losers.querySelector("ul").append(...found.losers.split("; ").map((loser) => element("li", {}, loser)));
    }
  }

  async function showAccess() {
    const applications = await report.load("application/index");
    const waivers = new Map(shared.waivers.map((waiver) => [waiver.waiver_id, waiver]));
    const day = (days) => (days === null ? null : new Date(days * 864e5).toISOString().slice(0, 10));
    const records = found.access.map(([application, verdict, ...after]) => {
      const record = { application_id: applications[application], ...shared.verdicts[verdict] };
      shared.after_verdict.forEach((name, place) => {
        const value = after[place] ?? null;
        record[name] = name.endsWith("_date") ? day(value) : value;
      });
      const waiver = waivers.get(record.waiver_id);
      return { ...record, waived_by: waiver?.approved_by ?? null, waived_until: waiver?.valid_to ?? null };
    });
    report.tables.get("access").show(byColumn(records));
    const counts = ["match", "missing", "excess", "unassessed"].map((status) => [status, records.filter((record) => record.reconciliation_status === status).length]);
    document.querySelector("[data-tiles]").replaceChildren(...counts.map(([status, n]) => tile(status[0].toUpperCase() + status.slice(1), text("number", n), status)));
  }
};
