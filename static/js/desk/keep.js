// Keeps the form on the server while it is written. After a time-out it says so, leaves every
// word on the page, and saving works again once the editor has signed in in another tab.
{
  const PAUSE = 1500;
  const form = document.querySelector("form[data-keep]");
  const line = document.querySelector("[data-kept]");
  const signedOut = document.querySelector("[data-signed-out]");
  let timer = null;
  let isChanged = false;
  let isSure = false;
  let isSending = false;
  let running = null;

  const token = () => form.elements.csrfmiddlewaretoken;

  async function renewToken() {
    const answer = await fetch(form.dataset.token, { redirect: "manual" });
    if (answer.type === "opaqueredirect" || !answer.ok) return false;
    const fresh = (await answer.json()).token;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh;
    return true;
  }

  function post() {
    return fetch(form.dataset.keep, {
      method: "POST",
      body: new FormData(form),
      redirect: "manual",
      headers: { "X-CSRFToken": token().value },
    });
  }

  async function keep() {
    isChanged = false;
    try {
      let answer = await post();
      if (answer.status === 403 && (await renewToken())) answer = await post();
      if (answer.type === "opaqueredirect" || answer.status === 403) return say(false);
      if (!answer.ok) throw new Error(String(answer.status));
      line.textContent = `Kept at ${(await answer.json()).kept}. Not saved yet.`;
      return say(true);
    } catch {
      isChanged = true;
      line.textContent = "The site cannot be reached. Your words are on this page; it tries again.";
      clearTimeout(timer);
      timer = setTimeout(() => (running = keep()), PAUSE * 5);
      return false;
    }
  }

  function say(isSignedIn) {
    signedOut.hidden = isSignedIn;
    if (!isSignedIn) {
      isChanged = true;
      line.textContent = "";
      signedOut.scrollIntoView({ block: "center" });
    }
    return isSignedIn;
  }

  function later() {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(() => (running = keep()), PAUSE);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Select2 tells only jQuery.
  window.django?.jQuery(form).on("select2:select select2:unselect", later);
  window.addEventListener("focus", () => {
    if (!signedOut.hidden) running = keep();
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged && !isSure) event.preventDefault();
  });
  // Before the form leaves the page, make sure that it will be let in.
  form.addEventListener("submit", async (event) => {
    if (isSure) return;
    event.preventDefault();
    if (isSending) return; // a double press
    isSending = true;
    clearTimeout(timer);
    const button = event.submitter;
    await running;
    clearTimeout(timer); // what ran may have failed and set it again
    const isKept = await keep();
    isSending = false;
    if (!isKept) return; // signed out, or the site cannot be reached: the words stay here
    isSure = true;
    form.requestSubmit(button);
    // Coming back with the Back button must ask again.
    setTimeout(() => (isSure = false), 3000);
  });
  for (const other of document.querySelectorAll("form[method=post]:not(#write)")) {
    other.addEventListener("submit", () => (isSure = true));
  }
  // What went wrong is read first.
  document.querySelector(".desk-problem")?.focus();
}
