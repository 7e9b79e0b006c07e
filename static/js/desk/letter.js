// The page a letter is written on: how it looks, beside its words and as they are typed; cards
// chosen from the site; and nothing lost when the session has ended.
{
  const PAUSE = 600;
  const form = document.querySelector("#write");
  const words = document.querySelector("#id_body");
  const looks = [...form.querySelectorAll("[data-look]")];

  // How it looks. Each time in a new frame, so that the Back button is not filled with previews.

  let frame = form.querySelector("iframe");
  let look = looks[0];
  let timer = null;
  let isDrawing = false;
  let isOld = false;

  function post(address, target) {
    const copy = document.createElement("form");
    Object.assign(copy, { method: "post", action: address, target, hidden: true });
    for (const [name, value] of new FormData(form)) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value });
      copy.append(field);
    }
    document.body.append(copy);
    copy.submit();
    copy.remove();
  }

  function scrolled(shown) {
    try {
      return shown.contentWindow.scrollY;
    } catch {
      return 0; // a page of an error may not be looked into
    }
  }

  function draw() {
    if (isDrawing) return void (isOld = true);
    isDrawing = true;
    isOld = false;
    const before = frame;
    const place = scrolled(before);
    const fresh = before.cloneNode();
    fresh.removeAttribute("src");
    fresh.name = `letter-look-${Date.now()}`;
    fresh.className = "letter-coming";
    before.after(fresh);
    const done = () => {
      clearTimeout(patience);
      try {
        fresh.contentWindow.scrollTo(0, place);
      } catch {} // a page of an error may not be looked into
      fresh.className = "";
      before.remove();
      frame = fresh;
      isDrawing = false;
      if (isOld) draw();
    };
    const patience = setTimeout(done, 10000);
    fresh.addEventListener("load", () => fresh.contentWindow && isDrawing && done());
    post(look.getAttribute("formaction"), fresh.name);
    sayProblems();
  }

  async function sayProblems() {
    const list = form.querySelector("[data-problems-list]");
    try {
      const answer = await fetch(form.dataset.problems, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (!answer.ok) return;
      const { problems } = await answer.json();
      const lines = problems.map((problem) => {
        const line = document.createElement("p");
        line.className = "desk-error";
        line.textContent = problem;
        return line;
      });
      list.replaceChildren(...lines);
    } catch {} // the site cannot be reached: Save will say so
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  };

  for (const button of looks) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      look = button;
      for (const other of looks) other.setAttribute("aria-pressed", String(other === button));
      draw();
    });
  }
  form.addEventListener("input", later);
  draw();

  // Cards

  const dialog = document.querySelector("[data-pick-dialog]");
  const search = dialog.querySelector("#pick-words");
  const say = form.querySelector("[data-tools-say]");
  let kind = "";
  let searching = null;
  let asked = 0;

  // As if it were typed, so that Ctrl+Z takes it back. A card stands on a line of its own.
  function put(text) {
    const before = words.value.slice(0, words.selectionEnd).replace(/\n*$/, "");
    const after = words.value.slice(words.selectionEnd).replace(/^\n*/, "");
    const whole = `${before ? "\n\n" : ""}${text.trim()}\n\n`;
    words.focus();
    words.setSelectionRange(before.length, words.value.length - after.length);
    if (!document.execCommand("insertText", false, whole)) {
      words.setRangeText(whole, words.selectionStart, words.selectionEnd, "end");
      words.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  async function ask(address) {
    const answer = await fetch(address, { redirect: "manual" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function line(pick) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const note = document.createElement("small");
    button.type = "button";
    note.textContent = pick.note;
    button.append(pick.title, note);
    button.addEventListener("click", () => {
      dialog.close();
      put(`[[${kind}:${pick.slug}]]`);
    });
    item.append(button);
    return item;
  }

  async function show() {
    const mine = ++asked;
    const count = dialog.querySelector("[data-pick-count]");
    try {
      const facts = new URLSearchParams({ kind, q: search.value.trim() });
      const { picks } = await ask(`${form.dataset.picks}?${facts}`);
      if (mine !== asked) return; // a later search has been sent
      dialog.querySelector("[data-pick-list]").replaceChildren(...picks.map(line));
      count.textContent = picks.length ? "" : "Nothing is found. Try fewer words.";
    } catch {
      count.textContent = `The list did not load. Write [[${kind}:its-slug]] by hand.`;
    }
  }

  for (const button of form.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => {
      kind = button.dataset.pick;
      search.value = "";
      dialog.querySelector("h2").textContent = `Choose: ${kind}`;
      dialog.querySelector("[data-pick-list]").replaceChildren();
      dialog.showModal();
      show();
    });
  }
  search.addEventListener("input", () => {
    clearTimeout(searching);
    searching = setTimeout(show, 250);
  });
  dialog.querySelector("[data-pick-close]").addEventListener("click", () => dialog.close());

  form.querySelector("[data-whats-new]").addEventListener("click", async () => {
    say.textContent = "";
    try {
      const { markdown } = await ask(form.dataset.new);
      if (markdown) put(markdown);
      else say.textContent = "Nothing is new since the last letter.";
    } catch {
      say.textContent = "The list did not load. Try again.";
    }
  });
  form.querySelector("[data-tools]").hidden = false;

  // Nothing lost

  const signedOut = document.querySelector("[data-signed-out]");
  let isChanged = false;
  let isSure = false;
  form.addEventListener("input", () => (isChanged = true));
  window.addEventListener("beforeunload", (event) => {
    if (isChanged && !isSure) event.preventDefault();
  });

  async function isSignedIn() {
    try {
      form.elements.csrfmiddlewaretoken.value = (await ask(form.dataset.token)).token;
      return true;
    } catch {
      return false;
    }
  }

  // Before the form leaves the page, make sure that it will be let in.
  form.addEventListener("submit", async (event) => {
    if (isSure) return;
    event.preventDefault();
    const button = event.submitter;
    signedOut.hidden = await isSignedIn();
    if (!signedOut.hidden) return signedOut.scrollIntoView({ block: "center" });
    isSure = true;
    form.requestSubmit(button);
    setTimeout(() => (isSure = false), 3000); // coming back with the Back button asks again
  });
  document.querySelector(".desk-problem")?.focus();
}
