// In the article's form: choose a poll and put its [[poll:slug]] where the cursor is.
// Attached by its own data-poll-picker, the address that lists the polls.
document.addEventListener("DOMContentLoaded", () => {
  const script = document.querySelector("script[data-poll-picker]");
  const text = document.querySelector("textarea[name=body].markdownx-editor");
  if (!text) return;

  const row = document.createElement("p");
  row.className = "poll-picker";
  const label = document.createElement("label");
  label.htmlFor = "poll-picker";
  label.textContent = "Place a poll:";
  const select = document.createElement("select");
  select.id = "poll-picker";
  select.append(new Option("Choose a poll", ""));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Put it at the cursor";
  row.append(label, " ", select, " ", button);
  text.closest(".markdownx").before(row);

  // Asked for when somebody comes near: most visits to this form place no poll.
  const load = async () => {
    try {
      const answer = await fetch(script.dataset.pollPicker, { headers: { Accept: "application/json" } });
      const { polls } = await answer.json();
      for (const poll of polls) select.append(new Option(`${poll.question} (${poll.state})`, poll.slug));
    } catch {
      row.append(" The list of polls did not load. Write [[poll:its-slug]] by hand.");
    }
  };
  select.addEventListener("focus", load, { once: true });

  button.addEventListener("click", () => {
    if (!select.value) return select.focus();
    const at = text.selectionEnd;
    const before = text.value.slice(0, at).replace(/\n*$/, "");
    const after = text.value.slice(at).replace(/^\n*/, "");
    const mark = `[[poll:${select.value}]]`;
    const words = before ? `\n\n${mark}\n\n` : `${mark}\n\n`;
    // Typed, not assigned: so the editor's own undo takes it back.
    text.focus();
    text.setSelectionRange(before.length, text.value.length - after.length);
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
});
