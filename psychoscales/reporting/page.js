"use strict";
(() => {
  const tip = document.getElementById("tip");
  const place = (event) => {
    const room = 14;
    const box = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + room, window.innerWidth - box.width - 4);
    let top = event.clientY + room;
    if (top + box.height > window.innerHeight) top = event.clientY - box.height - room;
    tip.style.setProperty("left", `${Math.max(left, 4)}px`);
    tip.style.setProperty("top", `${Math.max(top, 4)}px`);
  };
  document.addEventListener("pointermove", (event) => {
    const shape = event.target instanceof Element ? event.target.closest("[data-tip]") : null;
    tip.hidden = shape === null;
    if (shape !== null) {
      tip.textContent = shape.dataset.tip;
      place(event);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });

  const said = document.getElementById("said");
  const language = document.documentElement.lang;
  const words = new Intl.Collator(language, { numeric: true });
  const compared = (one, other, up) => {
    const [a, b] = [one.dataset.sort, other.dataset.sort];
    const [x, y] = [one.textContent.trim(), other.textContent.trim()];
    if (x === "" || y === "") return (x === "") - (y === "");
    if (a !== undefined && b !== undefined) return up * (Number(a) - Number(b));
    if (a !== undefined || b !== undefined) return (a === undefined) - (b === undefined);
    return up * words.compare(x, y);
  };
  const sort = (head) => {
    const table = head.closest("table");
    const up = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const column = head.cellIndex;
    for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up === 1 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.sort((one, other) => compared(one.cells[column], other.cells[column], up));
    body.append(...rows);
    said.textContent = `${up === 1 ? said.dataset.up : said.dataset.down} ${head.textContent}`;
  };
  for (const head of document.querySelectorAll("thead th")) {
    const body = head.closest("table").tBodies[0];
    if (body.rows.length < 2) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(head));
  }

  const reachable = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reachable();
  window.addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);

  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    const before = button.textContent;
    button.addEventListener("click", async () => {
      const text = button.closest(".pasted").querySelector(".text");
      for (const around of [text.closest("details")]) if (around) around.open = true;
      const range = document.createRange();
      range.selectNodeContents(text);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      try {
        await navigator.clipboard.writeText(text.textContent);
      } catch {
        document.execCommand("copy");
      }
      button.textContent = button.dataset.done;
      said.textContent = button.dataset.done;
      window.setTimeout(() => { button.textContent = before; }, 2000);
    });
  }

  const links = new Map();
  for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "0px 0px -75% 0px" });
  for (const section of document.querySelectorAll("main > section")) seen.observe(section);
})();
