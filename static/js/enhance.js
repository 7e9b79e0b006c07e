// What htmx needs to live under this site's policy, and what people need from it.

// Trusted Types: only HTML is let through, and only because every fragment comes from this
// site, whose gate made it. Scripts and script addresses stay refused.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

// A result says what happened: the answer carries HX-Trigger: {"announce": "Your vote is counted."}
// Emptied first, so that the same words twice are read twice.
document.addEventListener("announce", (event) => {
  const region = document.getElementById("announcements");
  region.textContent = "";
  setTimeout(() => (region.textContent = event.detail.value), 50);
});

// Focus moves only where the person's own press replaced what held it.
document.addEventListener("htmx:afterSettle", (event) => {
  event.detail.elt.querySelector("[data-focus]")?.focus();
});
