"use strict";

// The page of one person: the output of `persona-access explain`, from one file of some hundred
// people; false if there is nobody to show.
report.openPage = async () => {
  const { address, element, node, text, tile } = report;
  const brid = address.get("brid");
  const shared = await report.load("person/index");
  const file = brid ? await report.load(`person/${hashOf(brid) % shared.n_files}`) : { people: {} };
  const found = Object.hasOwn(file.people, brid) ? file.people[brid] : null;
  document.querySelector("[data-name]").textContent = brid || "Person";
  if (!found) {
    report.say(brid ? `Nobody has the BRID '${brid}' in this week: look for the person among all people.` : "No person is chosen: look for one among all people.");
    return false;
  }
  const person = found.person && named(shared.person, found.person);
  showHead();
  report.showOtherWeeks("week_findings.brid", brid);
  showPersonas();
  const records = showAccess();
  const rowsOf = (name) => (found[name] ?? []).map((row) => named(shared.sections[name], row));
  showVerdict(records, rowsOf("findings_of_person").filter(({ finding_state: state }) => state === "open"));
  showTimeline();
  await showTeam();
  for (const [name, columns] of Object.entries(shared.sections)) if (found[name]) report.tables.get(name).show(byColumn(found[name].map((row) => named(columns, row))));

  // A hash of the BRID chooses the file: people_in_order.sql computes the same.
  function hashOf(text) {
    return [...text].reduce((before, sign) => (before * 31 + sign.codePointAt(0)) % 1000003, 0);
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
      if (person.has_no_access) badge("current employee without any access");
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

  // A record as a list of names and values; unknown ones are omitted.
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
      baseline: "baseline: every current employee holds it",
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
    if (!found.personas) place.append(element("p", { className: "quiet" }, "None: only employees of that date have a persona."));
    if (found.losers) {
      const losers = document.querySelector("[data-losers]");
      losers.hidden = false;
      // Each ends with the reason why it lost, as a word of the vocabulary in brackets.
      const inWords = (loser) => loser.replace(/\((\w+)\)$/, (_, why) => `(${text("word", why)})`);
      losers.querySelector("ul").append(...found.losers.split("; ").map((loser) => element("li", {}, inWords(loser))));
    }
  }

  function showAccess() {
    const waivers = new Map(shared.waivers.map((waiver) => [waiver.waiver_id, waiver]));
    const day = (days) => (days === null ? null : new Date(days * 864e5).toISOString().slice(0, 10));
    const [applications, verdicts, ...after] = found.access;
    const records = applications.map((application, row) => {
      const record = { application_id: file.applications[application], ...named(shared.verdict, file.verdicts[verdicts[row]]) };
      shared.after_verdict.forEach((name, place) => {
        const value = after[place]?.[row] ?? null;
        record[name] = name.endsWith("_date") ? day(value) : value;
      });
      const waiver = waivers.get(record.waiver_id);
      return { ...record, waived_by: waiver?.approved_by ?? null, waived_until: waiver?.valid_to ?? null };
    });
    report.tables.get("access").show(byColumn(records));
    const counts = ["match", "missing", "excess", "unassessed"].map((status) => [status, records.filter((record) => record.reconciliation_status === status).length]);
    const rowsOfStatus = { missing: "findings/findings?finding_state=open&finding_type=missing&brid={brid}", excess: "findings/findings?finding_state=open&finding_type=excess&brid={brid}", unassessed: "findings/unassessed?brid={brid}" };
    document.querySelector("[data-tiles]").replaceChildren(
      ...counts.map(([status, n]) => tile(status[0].toUpperCase() + status.slice(1), text("number", n), status, rowsOfStatus[status] ? report.rowsOf(rowsOfStatus[status], () => brid) : null)),
    );
    return records;
  }

  function sentence(parts) {
    return parts.filter(Boolean).join(", ");
  }

  // First the meaning and the person who has to act; the facts follow.
  function showVerdict(records, findings) {
    const place = document.querySelector("[data-verdict]");
    const held = records.filter(({ reconciliation_status: status }) => status !== "missing").length;
    const of = (type) => findings.filter(({ finding_type: kind, disposition }) => kind === type && disposition === "open");
    const [excess, missing] = [of("excess"), of("missing")];
    const open = [...excess, ...missing];
    const excused = findings.length - open.length;
    const unknown = records.filter(({ reconciliation_status: status }) => status === "unassessed").length;
    const overdue = open.filter(({ is_overdue: late }) => late);
    const days = Math.max(0, ...overdue.map(({ due_date: due }) => Math.round((new Date(document.body.dataset.week) - new Date(due)) / 864e5)));
    const reviewers = [...new Set(open.map(({ reviewer_brid: reviewer }) => reviewer).filter(Boolean))].sort();
    const first = element("p");
    if (!open.length) first.append(`Nothing to act on: ${held} ${held === 1 ? "application is" : "applications are"} held.`);
    else {
      const late = `${overdue.length === 1 ? "" : "up to "}${days} days`;
      const every = open.length === 2 ? "both" : "all";
      const lateness = overdue.length && (open.length === 1 ? `overdue ${late}` : `${overdue.length === open.length ? every : overdue.length} overdue ${late}`);
      const what = sentence([excess.length && `${excess.length} of ${held} to remove`, missing.length && `${missing.length} to grant`, lateness]);
      first.append(element("strong", {}, what), reviewers.length ? "; reviewer " : "; nobody to review it");
      reviewers.forEach((reviewer, at) => first.append(at ? ", " : "", node("brid", reviewer)));
      first.append(".");
    }
    place.append(first);
    const worst = ["critical", "high", "medium", "low"].find((risk) => open.some(({ risk_level: level }) => level === risk));
    if (worst) place.append(element("p", {}, "Worst risk: ", node("risk", worst)));
    const reasons = new Map();
    for (const { reconciliation_reason: reason, application_id: application } of open) reasons.set(reason, [...(reasons.get(reason) ?? []), application]);
    for (const [reason, applications] of reasons) {
      const line = element("p", {}, `${text("word", reason)}: `);
      applications.slice(0, 8).forEach((application, at) => line.append(at ? ", " : "", node("application", application)));
      if (applications.length > 8) line.append(` and ${applications.length - 8} more`);
      line.append(". ", element("span", { className: "quiet" }, report.meaning("reconciliation_reason", reason)));
      place.append(line);
    }
    const others = sentence([excused && `${excused} excused for now`, unknown && `${unknown} cannot be classified`]);
    if (others) place.append(element("p", { className: "quiet" }, `Besides: ${others}.`));
    place.classList.toggle("act", open.length > 0);
    place.hidden = false;
  }

  // Managers and owners of applications or personas see their status and their items to review.
  async function showTeam() {
    const place = document.querySelector("[data-team]");
    const { nManagers, nApplications, nPersonas } = place.dataset;
    const found = (conditions) => report.rowsOf(`findings/findings?finding_state=open&disposition=open&${conditions}`, () => brid);
    const link = (href, words, isCount) => element("a", { href, ...(isCount ? { "data-counts": "" } : {}) }, words);
    const line = (...parts) => place.append(element("p", {}, ...parts));
    for (const row of await rowsWith("by_manager", nManagers, "manager_brid"))
      line(`Manages ${text("number", row.n_employees)} ${row.n_employees === 1 ? "person" : "people"}: `, link(found("manager_brid={brid}"), text("number", row.n_open), true), " to act on in the team; ", link(found("reviewer_brid={brid}"), "what to review"), ".");
    for (const [name, n, kind, column] of [["applications", nApplications, "application", "application_id"], ["personas", nPersonas, "persona", "persona_ids"]]) {
      const owned = await rowsWith(name, n, "owner_brid");
      if (!owned.length) continue;
      const parts = owned.slice(0, 8).flatMap((row, at) => {
        const id = row[`${kind}_id`];
        const count = text("number", row.n_open ?? 0);
        return [at ? ", " : "", node(kind, id), " ", row.n_open ? link(report.rowsOf(`findings/findings?finding_state=open&disposition=open&${column}=${id}`, () => id), count, true) : count];
      });
      const all = link(report.rowsOf(`${name}/${name}?owner_brid={brid}`, () => brid), `${owned.length} ${owned.length === 1 ? kind : name}`);
      line("Owns ", all, ", to act on: ", ...parts, owned.length > 8 ? ", …" : "");
    }
    place.hidden = !place.children.length;
  }

  async function rowsWith(name, nFiles, column) {
    const found = [];
    for (let file = 0; file < Number(nFiles); file += 1) {
      const rows = report.Rows.of(await report.load(`${name}/${file}`));
      for (let row = 0; row < rows.n; row += 1) if (rows.get(column, row) === brid) found.push(rows.row(row));
    }
    return found;
  }

  // Newest first; findings that opened or closed on one day for one reason are one line.
  function showTimeline() {
    const events = new Map();
    const add = (day, what, application = null) => {
      if (!day) return;
      const key = `${day} ${what}`;
      if (!events.has(key)) events.set(key, { day, what, applications: [] });
      if (application) events.get(key).applications.push(application);
    };
    add(person?.hire_date, "Started working here");
    add(person?.termination_date, "Employment ends");
    for (const moved of rowsOf("movements_of_person")) {
      const [from, to] = [moved.previous_cost_center, moved.cost_center];
      add(moved.as_of_date, `${{ joiner: "Joined", rehire: "Came back", mover: "Moved", leaver: "Left" }[moved.movement_type]}${from && to && from !== to ? ` from ${from} to ${to}` : ""}`);
    }
    for (const each of rowsOf("findings_of_person")) {
      const reason = text("word", each.reconciliation_reason);
      add(each.opened_date, `Finding opened, ${each.finding_type} (${reason}):`, each.application_id);
      add(each.closed_date, `Finding closed, ${each.finding_type}, because of ${text("word", each.closing_cause ?? "other")}:`, each.application_id);
    }
    for (const each of rowsOf("exceptions_of_person")) add(each.valid_from, `Exception begins: ${text("word", each.exception_kind)} ${each.exception_id ?? ""}${each.valid_to ? `, until ${each.valid_to}` : ""}`);
    const list = [...events.values()].sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0));
    document.querySelector("[data-section=timeline]").hidden = !list.length;
    document.querySelector("[data-timeline]").append(
      ...list.slice(0, 30).map(({ day, what, applications }) => {
        const line = element("span", {}, `${what} `);
        applications.forEach((application, at) => line.append(at ? ", " : "", node("application", application)));
        return element("li", {}, element("time", { dateTime: day }, day), line);
      }),
    );
  }
};
