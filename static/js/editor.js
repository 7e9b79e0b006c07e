// The Markdown field takes the Tab key for itself, which would hold a keyboard user fast.
// Caught here first, Tab moves on to the next field as everywhere else.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Tab" && event.target.matches(".markdownx-editor")) {
      event.stopImmediatePropagation();
    }
  },
  true
);
