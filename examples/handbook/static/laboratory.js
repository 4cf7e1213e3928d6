// Runs an experiment without leaving the page: what is on the bench is asked for in the background
// and the new bench put in the place of the old. Without this script forms and links do the same.
"use strict";

const bench = document.getElementById("bench");

async function show(url, options, busy) {
  busy.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    busy.removeAttribute("aria-busy");
    return false;
  }
  busy.removeAttribute("aria-busy");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("bench");
  const refusal = page.querySelector(".error");
  if (fresh) bench.replaceChildren(...fresh.childNodes);
  else if (refusal) warn(refusal);
  else return false;
  const result = fresh && document.getElementById("result");
  if (result) {
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "start" });
  }
  return true;
}

// What the server would not do is said on top of the bench, and what was typed stays.
function warn(refusal) {
  bench.querySelector(".warning")?.remove();
  const warning = document.createElement("div");
  warning.className = "warning";
  warning.setAttribute("role", "alert");
  warning.append(...refusal.querySelectorAll("h1 ~ p:not(:last-child)"));
  warning.prepend(Object.assign(document.createElement("strong"), { textContent: refusal.querySelector("h1").textContent }));
  bench.prepend(warning);
  warning.scrollIntoView({ block: "center" });
}

bench.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  const options = { method: "POST", body: new URLSearchParams(new FormData(form)) };
  if (!(await show(form.action, options, event.submitter ?? form))) form.submit();
});

bench.addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (await show(link.href, {}, link)) history.replaceState(null, "", link.href);
  else location.assign(link.href);
});
