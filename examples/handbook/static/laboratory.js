// Runs an experiment without leaving the page: what is on the bench is asked for in the background
// and the new bench put in the place of the old. Without this script forms and links do the same.
"use strict";

const bench = document.getElementById("bench");

// Asks for a page, parsed by the browser itself; null when none came.
function page(method, url, form, pressed) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "document";
    request.onload = () => resolve(request.response);
    request.onerror = () => resolve(null);
    request.send(form && new URLSearchParams(new FormData(form, pressed)));
  });
}

// Puts what came on the bench; false when the browser should go there instead.
function show(came, url) {
  const fresh = came?.getElementById("bench");
  const refusal = came?.querySelector(".error");
  if (refusal) warn(refusal);
  if (!fresh) return Boolean(refusal);
  bench.replaceChildren(...fresh.childNodes);
  const result = document.getElementById(new URL(url, location).hash.slice(1) || "result") ?? document.getElementById("result");
  result?.focus({ preventScroll: true });
  result?.scrollIntoView({ block: "start" });
  return true;
}

// What the server would not do is said on top of the bench, and what was typed stays.
function warn(refusal) {
  bench.querySelector(".warning")?.remove();
  const heading = document.createElement("strong");
  heading.textContent = refusal.querySelector("h1").textContent;
  const warning = document.createElement("div");
  warning.className = "warning";
  warning.setAttribute("role", "alert");
  warning.append(heading, ...refusal.querySelectorAll("h1 ~ p:not(:last-child)"));
  bench.prepend(warning);
  warning.scrollIntoView({ block: "center" });
}

async function run(pressed, method, url, form) {
  pressed.setAttribute("aria-busy", "true");
  const came = await page(method, url, form, form && pressed !== form ? pressed : null);
  pressed.removeAttribute("aria-busy");
  return show(came, url);
}

bench.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const pressed = event.submitter ?? form;
  if (form.getAttribute("method") === "post") { // `form.method` may be a field of that name
    if (!(await run(pressed, "POST", form.action, form))) form.submit();
    return;
  }
  const url = new URL(form.action);
  url.search = new URLSearchParams(new FormData(form, event.submitter));
  if (await run(pressed, "GET", url.href)) history.replaceState(null, "", url.href);
  else form.submit();
});

bench.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (await run(link, "GET", link.href)) history.replaceState(null, "", link.href);
  else location.assign(link.href);
});
