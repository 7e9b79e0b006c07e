// Keys for the moderators' desk: they move and choose, never send. And "I have this open".
{
  const OFF = "moderation-keys-off";
  const fold = document.querySelector("[data-keys]");
  const flip = document.querySelector("[data-keys-switch]");
  const off = () => localStorage.getItem(OFF) === "1";

  function name() {
    flip.textContent = off() ? "Turn the keys on in this browser" : "Turn the keys off in this browser";
  }

  if (flip) {
    flip.closest("[hidden]").hidden = false;
    flip.addEventListener("click", () => {
      off() ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1");
      name();
    });
    name();
  }

  // In a list j and k go from item to item; on an item's page they are links.
  function step(by) {
    const opens = [...document.querySelectorAll("[data-open]")];
    if (!opens.length) return;
    const here = document.activeElement?.closest("[data-item]");
    const at = opens.findIndex((open) => open.closest("[data-item]") === here);
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), opens.length - 1);
    opens[next].focus();
  }

  function choose(key) {
    const item = document.activeElement?.closest("[data-item]") ?? document;
    const target = item.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    if (target.matches("a")) target.click();
    else {
      if (target.matches("[type=radio]")) target.checked = true;
      target.focus();
    }
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio],[type=checkbox]),textarea,select");
    if (typing || off() || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key;
    if (key === "?") {
      fold.open = !fold.open;
      fold.querySelector("summary").focus();
    } else if ((key === "j" || key === "k") && document.querySelector("[data-open]")) {
      step(key === "j" ? 1 : -1);
    } else if ("jkahe".includes(key) && key.length === 1) {
      choose(key);
    } else return;
    event.preventDefault();
  });

  const open = document.querySelector("[data-here]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  async function sayHere() {
    if (document.hidden) return;
    await fetch(open.dataset.here, {
      method: "POST",
      redirect: "manual",
      headers: { "X-CSRFToken": token.value },
    }).catch(() => null);
  }
  if (open && token) {
    sayHere();
    setInterval(sayHere, 60000);
  }
}
