// What htmx needs to live under this site's policy, and what people need from it.

// Trusted Types: only HTML is let through, and only because every fragment comes from this
// site, whose gate made it. Scripts and script addresses stay refused.
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

// A result says what happened: the answer carries HX-Trigger: {"announce": "Your vote is counted."}
// Emptied first, so that the same words twice are read twice.
document.addEventListener("announce", (event) => {
  const region = document.getElementById("announcements");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = event.detail.value), 50);
});

// Focus moves only where the person's own press replaced what held it.
document.addEventListener("htmx:afterSettle", (event) => {
  const { elt } = event.detail;
  (elt.matches("[data-focus]") ? elt : elt.querySelector("[data-focus]"))?.focus();
});

// A press that came to nothing says so beside itself and aloud; the form stays as it is, with
// everything in it and the focus where it was.
const kept = "Everything is still here.";
const why = {
  0: `This did not reach us, or our answer did not reach you. ${kept} Look at your connection, then press again.`,
  403: `This page is older than your sign-in, or not open to you. ${kept} Copy what you wrote, load the page again and send it once more.`,
  404: `What this belongs to is no longer here. ${kept} Copy what you wrote if you want to keep it.`,
  413: `That is more than we can take in at once. ${kept} Make it shorter, then press again.`,
  500: `Something broke on our side. ${kept} Press again in a minute.`,
};

function waitInWords(seconds) {
  if (!(seconds > 90)) return "a minute or two";
  return seconds > 3600 ? "an hour or so" : `${Math.ceil(seconds / 60)} minutes`;
}

function sentenceFor(xhr) {
  if (xhr.status === 429) {
    const wait = waitInWords(Number(xhr.getResponseHeader("Retry-After")));
    return `That was more than we can take in at once. ${kept} Press again in ${wait}.`;
  }
  if (xhr.status >= 500) return why[500];
  return why[xhr.status === 410 ? 404 : xhr.status] ?? why[403];
}

const notes = new Map();

function forget(element) {
  notes.get(element)?.remove();
  notes.delete(element);
}

function tell(event) {
  const { elt, xhr } = event.detail;
  const sentence = sentenceFor(xhr);
  if (notes.get(elt)?.textContent === sentence && !elt.matches("form, a")) return; // asks by itself
  forget(elt);
  const note = document.createElement("p");
  note.className = "not-sent";
  note.textContent = sentence;
  const row = elt.matches("form") ? elt.querySelector(".btn-row") : elt.closest(".btn-row");
  if (elt.matches("form")) row ? row.before(note) : elt.append(note);
  else (row ?? elt).after(note);
  notes.set(elt, note);
  document.dispatchEvent(new CustomEvent("announce", { detail: { value: sentence } }));
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, tell);
document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && forget(event.detail.elt));
