// The switch between light and dark takes effect at once; without this script the form does the same.
"use strict";

for (const form of document.querySelectorAll("form.theme")) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter;
    if (!chosen) return;
    event.preventDefault();
    const theme = chosen.value;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
    // The server keeps the choice in a cookie, as it does without this script.
    fetch(form.action, { method: "POST", body: new URLSearchParams({ theme, next: form.next.value }), redirect: "manual" });
  });
}
