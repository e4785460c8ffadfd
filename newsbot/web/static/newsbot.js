// What pages can do besides: everything works without it. No request goes anywhere but to this server.
"use strict";

// -- light and dark: set before anything is drawn --------------------------------------------------------------------

const theme = {
  get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  set: (value) => { try { localStorage.setItem("theme", value); } catch { /* not kept, then */ } },
};
if (theme.get()) document.documentElement.dataset.theme = theme.get();

document.addEventListener("DOMContentLoaded", () => {
  const root = document.documentElement;
  const button = document.querySelector(".theme");
  const dark = () => root.dataset.theme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  button.hidden = false;
  button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    theme.set(root.dataset.theme);
    button.setAttribute("aria-pressed", String(dark()));
  });
  for (const each of document.querySelectorAll(".keys")) each.hidden = false;
  for (const form of document.querySelectorAll("form.filters, form.find")) {
    form.addEventListener("submit", () => { for (const field of form.elements) if (!field.value) field.disabled = true; });
  }
  document.addEventListener("keydown", keys);
  document.querySelectorAll("[data-bars]").forEach(drag);
  document.querySelectorAll("[data-slider]").forEach(slide);
  follow();
});

// Who goes back finds the fields that were left empty as they were.
window.addEventListener("pageshow", () => { for (const field of document.querySelectorAll(":disabled")) field.disabled = false; });

// -- keys ------------------------------------------------------------------------------------------------------------

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const writes = event.target.closest("input:not([type=checkbox], [type=range]), select, textarea");
  if (event.key === "Escape" && writes) writes.blur();
  if (writes) return;
  if (event.key === "/") {
    const field = document.getElementById("q");
    field.focus();
    field.select();
    event.preventDefault();
  } else if (event.key === "j" || event.key === "k") {
    const hits = [...document.querySelectorAll(".hit")];
    if (!hits.length) return;
    const at = hits.findIndex((hit) => hit.classList.contains("at"));
    const next = hits[Math.max(0, Math.min(hits.length - 1, at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)))];
    hits.forEach((hit) => hit.classList.toggle("at", hit === next));
    next.querySelector("a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "o") {
    const link = document.querySelector(".hit.at a");
    if (link) link.click();
  }
}

// -- a range of bars is dragged --------------------------------------------------------------------------------------

function drag(box) {
  const svg = box.querySelector("svg");
  const bars = [...svg.querySelectorAll("a")];
  const chosen = svg.querySelector("rect.chosen");
  let from = null, to = null;
  const place = (event) => {
    const seen = svg.getBoundingClientRect();
    return Math.max(0, Math.min(bars.length - 1, Math.floor((event.clientX - seen.left) / seen.width * bars.length)));
  };
  const draw = () => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    chosen.setAttribute("x", first * 10);
    chosen.setAttribute("width", (last - first + 1) * 10);
  };
  box.dataset.live = "";
  for (const bar of bars) bar.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    from = to = place(event);
    svg.setPointerCapture(event.pointerId);
    draw();
  });
  svg.addEventListener("pointermove", (event) => { if (from !== null) { to = place(event); draw(); } });
  svg.addEventListener("pointercancel", () => { from = to = null; chosen.setAttribute("width", 0); });
  svg.addEventListener("pointerup", () => {
    if (from === null) return;
    const [first, last] = [bars[Math.min(from, to)], bars[Math.max(from, to)]];
    const address = new URL(first.getAttribute("href"), location.href);
    address.searchParams.set("until", last.dataset.until);
    from = to = null;
    location.assign(address);
  });
  svg.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault(); });
}

// -- the following pages come by themselves --------------------------------------------------------------------------

function follow() {
  const list = document.getElementById("hits");
  const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: "600px" });
  let busy = false;
  const link = () => list && document.querySelector(".more a[rel=next]");
  async function more() {
    const next = link();
    if (busy || !next) return;
    busy = true;
    try {
      const answer = await fetch(next.href, { headers: { "X-Newsbot-Part": "stories" } });
      if (!answer.ok) return seen.disconnect(); // the link is there still, and leads to what is wrong
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.append(...page.querySelectorAll("#hits > .hit"));
      const after = page.querySelector(".more a[rel=next]");
      if (after) next.href = after.getAttribute("href");
      else next.parentElement.remove();
    } catch {
      seen.disconnect();
    } finally {
      busy = false;
    }
    const left = link();
    if (left) { seen.unobserve(left); seen.observe(left); }
  }
  if (link()) seen.observe(link());
}

// -- versions by a slider --------------------------------------------------------------------------------------------

function slide(box) {
  const range = box.querySelector("input");
  const links = [...document.querySelectorAll("[data-version]")];
  let wanted = 0;
  box.hidden = false;
  const told = () => range.setAttribute("aria-valuetext", links[range.value - 1].textContent);
  told();
  range.addEventListener("input", async () => {
    const mine = ++wanted;
    const link = links[range.value - 1];
    told();
    const answer = await fetch(link.href);
    if (!answer.ok || mine !== wanted) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== wanted) return;
    document.getElementById("reading").replaceWith(page.getElementById("reading"));
    for (const each of links) {
      if (each === link) each.closest("li").setAttribute("aria-current", "true");
      else each.closest("li").removeAttribute("aria-current");
    }
    history.replaceState(null, "", link.href);
  });
}
