// Chapter 4: loads the same page over two slow lines, one after the other, and draws when each image came.
// The page tells its own times (Resource Timing), since it has an origin of its own.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 20_000;

// Loads the page at `origin` in a frame; gives what it tells, or null when it doesn't.
function load(origin, place) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    const done = (told) => {
      removeEventListener("message", hear);
      clearTimeout(timer);
      frame.remove();
      resolve(told);
    };
    const hear = (event) => {
      if (event.origin === origin && event.source === frame.contentWindow) done(event.data);
    };
    const timer = setTimeout(done, PATIENCE, null);
    addEventListener("message", hear);
    frame.tabIndex = -1;
    frame.title = origin;
    frame.src = `${origin}/`;
    place.append(frame);
  });
}

// The times of one image or of the page: [start, connect from, to, request, answer from, to].
function bars([start, connectFrom, connectTo, request, answerFrom, answerTo]) {
  const connects = connectTo > connectFrom;
  return [
    ["queued", start, connects ? connectFrom : request],
    ["connecting", connectFrom, connects ? connectTo : connectFrom],
    ["waiting", request, answerFrom],
    ["coming", answerFrom, answerTo],
  ].filter(([, from, to]) => to > from);
}

function draw(svg, told, end) {
  const rows = [told.page, ...told.images];
  const height = 602 / rows.length;
  svg.replaceChildren(
    ...rows.flatMap((row, at) =>
      bars(row).map(([kind, from, to]) => {
        const bar = document.createElementNS(SVG, "rect");
        bar.setAttribute("class", kind);
        bar.setAttribute("x", (from / end) * 1000);
        bar.setAttribute("width", Math.max(((to - from) / end) * 1000, 1));
        bar.setAttribute("y", at * height);
        bar.setAttribute("height", height);
        return bar;
      }),
    ),
  );
}

const finish = (told) => Math.max(told.page[5], ...told.images.map((image) => image[5]));

function caption(figure, told) {
  const output = figure.querySelector("output");
  const figures = { ms: Math.round(finish(told)), connections: told.connections, protocol: told.protocol };
  output.textContent = output.dataset.figures.replace(/\{(\w+)\}/g, (_, name) => figures[name]);
}

async function compare(button) {
  const answer = await fetch(button.dataset.lines, { method: "POST" });
  if (!answer.ok) throw new Error(`${button.dataset.failed} (${answer.status})`);
  const lines = await answer.json();
  const box = document.querySelector(".waterfalls");
  const figures = [...box.querySelectorAll("figure")];
  box.hidden = false;
  for (const figure of figures) {
    figure.querySelector("svg").replaceChildren();
    figure.querySelector("output").textContent = "";
  }
  const told = [];
  for (const figure of figures) {
    const output = figure.querySelector("output");
    output.textContent = output.dataset.waiting;
    const one = await load(lines[figure.dataset.line], figure);
    if (!one) {
      output.textContent = button.dataset.untrusted;
      return;
    }
    told.push(one);
    caption(figure, one);
    const end = Math.max(...told.map(finish));
    told.forEach((each, at) => draw(figures[at].querySelector("svg"), each, end));
    box.querySelector(".axis .end").textContent = `${Math.round(end)} ms`;
  }
  box.dataset.done = "";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-lines]");
  if (!button || button.getAttribute("aria-busy")) return;
  const box = document.querySelector(".waterfalls");
  delete box.dataset.done;
  document.querySelector(".waterfalls ~ .warning")?.remove();
  button.setAttribute("aria-busy", "true");
  try {
    await compare(button);
  } catch (error) {
    const warning = document.createElement("p");
    warning.className = "warning";
    warning.setAttribute("role", "alert");
    warning.textContent = error.message;
    box.after(warning);
  }
  button.removeAttribute("aria-busy");
});
