(() => {
  const text = (value) => {
    const box = document.createElement("div");
    box.textContent = String(value);
    return box.innerHTML.replace(/"/g, "&quot;").replace(/'/g, "&#39;");
  };
  const scriptURL = (value) => {
    const url = new URL(value, location.href);
    if (url.origin !== location.origin) throw new TypeError(`${url.origin} is another origin`);
    return url.href;
  };
  const rules = { createHTML: text, createScriptURL: scriptURL };
  const policy = window.trustedTypes ? trustedTypes.createPolicy("flagon", rules) : rules;
  const flagon = { text: (value) => policy.createHTML(value), scriptURL: (value) => policy.createScriptURL(value) };
  Object.defineProperty(window, "flagon", { value: Object.freeze(flagon) });
})();
