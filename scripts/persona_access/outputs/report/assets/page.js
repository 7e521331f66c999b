"use strict";

// Start the page: tables with files of their own, the trend, what the page itself opens, and links.
(async () => {
  const sections = [...document.querySelectorAll("[data-table]")];
  report.tables = new Map(sections.map((section) => [section.dataset.table, new report.Table(section)]));

  document.querySelector("[data-find]").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = document.getElementById("find").value.trim();
    if (wanted) location.assign(report.to("people", "people.q", wanted));
  });
  // Jumps within the page must not take the place of the filters in the address.
  for (const jump of document.querySelectorAll("a[href^='#']")) {
    jump.addEventListener("click", (event) => {
      event.preventDefault();
      const target = document.querySelector(jump.getAttribute("href"));
      target.scrollIntoView();
      (target.matches("[tabindex]") ? target : target.querySelector("[tabindex]")).focus({ preventScroll: true });
    });
  }
  if (report.openPage) {
    // Another person or thing in the address is another page.
    const subject = () => ["brid", "application", "persona"].map(report.address.get).join();
    const opened = subject();
    addEventListener("hashchange", () => subject() !== opened && location.reload());
  }

  try {
    await report.openPage?.();
    for (const section of sections.filter(({ dataset }) => dataset.files)) await report.tables.get(section.dataset.table).loadFiles();
    for (const place of document.querySelectorAll("[data-charts]")) report.charts(place, report.tables.get(place.dataset.charts).rows);
    document.body.dataset.ready = "";
  } catch (error) {
    report.say(`A file of this report cannot be read (${error.message}): it may have been copied without its data folder.`);
    throw error;
  }
})();
