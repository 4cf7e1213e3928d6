// A frame whose payload has run says so; it can say nothing else, and reach nothing.
"use strict";

addEventListener("message", (event) => {
  if (event.data !== "attacked") return;
  for (const frame of document.querySelectorAll(".engine iframe")) {
    if (frame.contentWindow === event.source) frame.closest(".engine").dataset.ran = "";
  }
});
