"use strict";

// Start the page: tables with their own files, the trend, tables that the page computes, and links.
(async () => {
  // Headings of tables stay below the bar, which is as high as its lines, or moves with the page.
  const bar = document.querySelector(".top");
  // By hand: scrollIntoView would make the keyboard start there, past the link to the content.
  const pages = bar.querySelector("nav");
  const current = pages.querySelector("[aria-current]")?.getBoundingClientRect();
  if (current) pages.scrollLeft += current.left - pages.getBoundingClientRect().left - (pages.clientWidth - current.width) / 2;
  new ResizeObserver(() => {
    const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    document.documentElement.style.setProperty("--bar", `${height}px`);
  }).observe(bar);
  const sections = [...document.querySelectorAll("[data-table]")];
  report.tables = new Map(sections.map((section) => [section.dataset.table, new report.Table(section)]));

  report.search(document.querySelector("[data-find]"));
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
    // Another person or subject in the address is another page.
    const subject = () => ["brid", "application", "persona"].map(report.address.get).join();
    const opened = subject();
    addEventListener("hashchange", () => subject() !== opened && location.reload());
  }

  report.drawCharts = async () => {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const { chart, of } = place.dataset;
      await report.charts.draw(place, chart, report.chartRows?.[of] ?? report.tables.get(of).rows);
    }
  };
  const followed = () => {
    document.body.dataset.hash = location.hash;
  };
  addEventListener("hashchange", followed);

  try {
    report.glossary = await report.load("glossary/index");
    if ((await report.openPage?.()) === false) {
      for (const part of document.querySelectorAll("main section")) part.hidden = true;
      document.body.dataset.ready = document.body.dataset.drawn = "";
      return;
    }
    for (const section of sections.filter(({ dataset }) => dataset.files)) await report.tables.get(section.dataset.table).loadFiles();
    await report.openTables?.();
    // A reader who follows a count needs its rows, even if they are not at the top of the page.
    const filtered = sections.find(({ dataset }) => [...report.address.all().keys()].some((key) => key.startsWith(`${dataset.table}.`)));
    if (filtered && filtered !== sections[0]) filtered.scrollIntoView({ behavior: "instant" });
    document.body.dataset.ready = "";
    // The numbers are loaded; the charts follow one after the other.
    await report.drawCharts();
    document.body.dataset.drawn = "";
  } catch (error) {
    report.say(`A file of this report cannot be read (${error.message}): check that its data folder was copied, too.`);
    throw error;
  }
})();
