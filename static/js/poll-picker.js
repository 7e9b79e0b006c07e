// In the article's form: find a poll and put its [[poll:slug]] where the cursor is.
// Attached by its own data-poll-picker, the address that finds polls (?q= part of the words).
document.addEventListener("DOMContentLoaded", () => {
  const script = document.querySelector("script[data-poll-picker]");
  const text = document.querySelector("textarea[name=body].markdownx-editor");
  const tools = document.querySelector("[data-insert]");
  const form = document.querySelector("template[data-poll-dialog]");
  if (!text || !tools || !form) return;

  document.querySelector("#content").append(form.content.cloneNode(true));
  const dialog = document.querySelector("#content > dialog:last-child");

  const search = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector("[data-polls]");
  const said = dialog.querySelector("[data-said]");
  let place = 0;
  let waiting = null;
  let asked = 0;

  const opener = document.createElement("button");
  opener.type = "button";
  opener.textContent = "Place a poll";
  tools.append(opener);

  function row({ slug, question, state }) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${question} (${state})`;
    button.addEventListener("click", () => put(slug));
    return button;
  }

  async function show() {
    const number = ++asked;
    try {
      const query = encodeURIComponent(search.value.trim());
      const answer = await fetch(`${script.dataset.pollPicker}?q=${query}`, { redirect: "manual" });
      const { polls, more } = await answer.json();
      if (number !== asked) return; // an answer to fewer letters, come late
      list.replaceChildren(...polls.map(row));
      said.textContent = polls.length
        ? `${polls.length} ${polls.length === 1 ? "poll" : "polls"}, the newest first.${more ? " Write more of the question to find older ones." : ""}`
        : "No poll with these words.";
    } catch {
      said.textContent = "The list did not load. Close this, and write [[poll:its-address]] by hand.";
    }
  }

  function put(slug) {
    dialog.close();
    const before = text.value.slice(0, place).replace(/\n*$/, "");
    const after = text.value.slice(place).replace(/^\n*/, "");
    const words = `${before ? "\n\n" : ""}[[poll:${slug}]]\n\n`;
    // Typed, not assigned: so the editor's own undo takes it back.
    text.focus();
    text.setSelectionRange(before.length, text.value.length - after.length);
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    }
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  opener.addEventListener("click", () => {
    place = text.selectionEnd;
    search.value = "";
    dialog.showModal();
    show();
  });
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 250);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would close the dialog
  });
});
