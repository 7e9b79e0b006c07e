// Buttons above the text that put marks at the cursor: sources, pictures, headings, links.
{
  const field = document.querySelector("#id_body");
  const tools = document.querySelector("[data-insert]");
  const form = document.querySelector("form[data-keep]");
  const dialogs = Object.fromEntries(
    [...document.querySelectorAll("[data-dialog]")].map((d) => [d.dataset.dialog, d])
  );
  let place = { start: 0, end: 0 };

  const at = (id) => document.getElementById(id);
  const value = (id) => at(id).value.trim();
  const remember = () => (place = { start: field.selectionStart, end: field.selectionEnd });
  const selected = () => field.value.slice(place.start, place.end);

  // The editor's own preview listens to "input"; so does keeping.
  function changed() {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // As if it were typed, so that Ctrl+Z takes it back; any other way empties the undo.
  function write(text, start, end) {
    field.focus();
    field.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, start, end, "end");
    }
  }

  function put(text, { selectFrom, selectTo } = {}) {
    write(text, place.start, place.end);
    if (selectFrom !== undefined) {
      field.setSelectionRange(place.start + selectFrom, place.start + selectTo);
    }
    changed();
  }

  function atLineStart() {
    const before = field.value.slice(0, place.start);
    if (!before || before.endsWith("\n\n")) return "";
    return before.endsWith("\n") ? "\n" : "\n\n";
  }

  function open(dialog) {
    remember();
    dialog.querySelector("[data-problem]").textContent = "";
    dialog.showModal();
  }

  function refuse(dialog, text, id) {
    dialog.querySelector("[data-problem]").textContent = text;
    at(id).focus();
  }

  function close(dialog) {
    dialog.close();
    dialog.querySelectorAll("input").forEach((input) => (input.value = ""));
  }

  // Sources

  function knownSources() {
    return [...field.value.matchAll(/^ {0,3}\[\^([^\]\s]+)\]:\s*(.*)$/gm)].map((m) => [m[1], m[2]]);
  }

  function newName(author, title, year) {
    const word = (author || title).toLowerCase().match(/[a-z]{3,}/)?.[0] ?? "source";
    const stem = `${word}${/^\d{4}$/.test(year) ? `-${year}` : ""}`;
    const names = new Set(knownSources().map(([name]) => name));
    let name = stem;
    for (let number = 2; names.has(name); number++) name = `${stem}-${number}`;
    return name;
  }

  function sourceLine({ author, title, year, address }) {
    const parts = [author, title && (address ? `[${title}](${address})` : title), year];
    const line = parts.filter(Boolean).join(". ");
    return address && !title ? `${line}${line ? ". " : ""}<${address}>` : line;
  }

  function putCitation(name, line) {
    const scroll = field.scrollTop;
    put(`[^${name}]`);
    const cursor = field.selectionEnd;
    if (line) {
      const text = field.value.replace(/\s+$/, "");
      const lastLine = text.slice(text.lastIndexOf("\n") + 1);
      const gap = /^ {0,3}\[\^[^\]\s]+\]:/.test(lastLine) ? "\n" : "\n\n";
      write(`${gap}[^${name}]: ${line}\n`, text.length, field.value.length);
    }
    field.setSelectionRange(cursor, cursor);
    field.scrollTop = scroll;
    changed();
  }

  let pasted = "";

  function openCitation(address = "") {
    const dialog = dialogs.citation;
    pasted = address;
    dialog.querySelector("[value=cancel]").textContent = address ? "Paste it as it is" : "Cancel";
    const known = knownSources();
    const select = at("cite-known");
    select.replaceChildren(new Option("A new source", ""));
    for (const [name, text] of known) select.add(new Option(text.slice(0, 80) || name, name));
    dialog.querySelector("[data-cite-known]").hidden = !known.length;
    open(dialog);
    at("cite-address").value = address;
  }

  dialogs.citation.querySelector("[data-ok]").addEventListener("click", () => {
    const dialog = dialogs.citation;
    const known = at("cite-known").value;
    const source = {
      author: value("cite-author"),
      title: value("cite-title"),
      year: value("cite-year"),
      address: value("cite-address"),
    };
    if (!known && !source.author && !source.title) {
      return refuse(dialog, "Write who says it, or the title.", "cite-author");
    }
    if (source.address && !/^https?:\/\/\S+$/.test(source.address)) {
      return refuse(dialog, "Begin the address with https://", "cite-address");
    }
    const name = known || newName(source.author, source.title, source.year);
    pasted = "";
    close(dialog);
    putCitation(name, known ? "" : sourceLine(source));
  });

  // Whoever leaves the dialog meant the address itself.
  dialogs.citation.addEventListener("close", () => {
    if (pasted) put(pasted);
    pasted = "";
  });

  // A pasted address is nearly always a source.
  field.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text").trim();
    if (!/^https?:\/\/\S+$/.test(text)) return;
    remember();
    // Inside a link or a source line it is meant as it is.
    const line = field.value.slice(field.value.lastIndexOf("\n", place.start - 1) + 1, place.start);
    if (/\]\($/.test(line) || /^ {0,3}\[\^/.test(line)) return;
    event.preventDefault();
    openCitation(text);
  });

  // Pictures

  let searching = null;
  let chosen = "";
  let isTyped = false;

  // What she typed stays; what came along with another picture does not describe this one.
  at("picture-alt").addEventListener("input", (event) => {
    isTyped = event.target.value.trim() !== "";
  });

  function choose(picture, button) {
    chosen = picture.name;
    if (!isTyped) at("picture-alt").value = picture.alt;
    for (const other of button.parentElement.children) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  }

  async function showPictures() {
    const query = encodeURIComponent(value("picture-search"));
    const answer = await fetch(`${form.dataset.pictures}?q=${query}`, { redirect: "manual" });
    if (!answer.ok) return;
    const list = dialogs.picture.querySelector("[data-pictures]");
    list.replaceChildren();
    for (const picture of (await answer.json()).pictures) {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const image = document.createElement("img");
      Object.assign(image, { src: picture.url, alt: "", width: 120, height: 80 });
      button.append(image, picture.name);
      button.addEventListener("click", () => choose(picture, button));
      list.append(button);
    }
  }

  const FILE_NAME = /^\S+\.(jpe?g|png|gif|webp|avif|heic|tiff?|svg)$|^(img|dsc|dscn|pxl|image|screenshot)[-_ ]?\d+/i;

  async function upload(file, alt) {
    try {
      return await send(file, alt);
    } catch {
      return [null, "The picture was not taken. Try again, or choose a smaller file."];
    }
  }

  async function send(file, alt) {
    const data = new FormData();
    data.append("image", file);
    data.append("alt", alt);
    const answer = await fetch(form.dataset.upload, {
      method: "POST",
      body: data,
      redirect: "manual",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (answer.type === "opaqueredirect") return [null, "Sign in again in another tab, then try again."];
    const { name, image_code: code } = await answer.json();
    return answer.ok ? [name, ""] : [null, code.replace(/^\(|\)$/g, "")];
  }

  function openPicture() {
    chosen = "";
    isTyped = false;
    at("picture-alt").value = "";
    open(dialogs.picture);
    showPictures();
  }

  at("picture-search").addEventListener("input", () => {
    clearTimeout(searching);
    searching = setTimeout(showPictures, 300);
  });

  dialogs.picture.querySelector("[data-ok]").addEventListener("click", async () => {
    const dialog = dialogs.picture;
    const file = at("picture-file").files[0];
    const alt = value("picture-alt").replace(/[[\]]/g, "");
    if (!file && !chosen) return refuse(dialog, "Choose a file or a picture.", "picture-file");
    if (!alt) return refuse(dialog, "Say what the picture shows.", "picture-alt");
    if (FILE_NAME.test(alt)) {
      return refuse(dialog, "That is the name of a file. Say what the picture shows.", "picture-alt");
    }
    if (file) {
      const [name, problem] = await upload(file, alt);
      if (!name) return refuse(dialog, problem, "picture-file");
      chosen = name;
    }
    close(dialog);
    put(`${atLineStart()}![${alt}](picture:${chosen})\n\n`);
  });

  // Headings and links

  function putHeading() {
    remember();
    const text = selected() || "Heading";
    const mark = `${atLineStart()}## `;
    put(`${mark}${text}\n\n`, { selectFrom: mark.length, selectTo: mark.length + text.length });
  }

  function putLink() {
    remember();
    const text = selected() || "what the link leads to";
    const address = "https://";
    const from = text.length + 3;
    put(`[${text}](${address})`, { selectFrom: from, selectTo: from + address.length });
  }

  // Enter in a dialog means its main button, never the first one of the form.
  for (const dialog of Object.values(dialogs)) {
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
        event.preventDefault();
        dialog.querySelector("[data-ok]").click();
      }
    });
  }

  tools.hidden = false;
  tools.querySelector("[data-insert-citation]").addEventListener("click", () => openCitation());
  tools.querySelector("[data-insert-picture]")?.addEventListener("click", openPicture);
  tools.querySelector("[data-insert-heading]").addEventListener("click", putHeading);
  tools.querySelector("[data-insert-link]").addEventListener("click", putLink);
}
