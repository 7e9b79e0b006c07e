// Tells the server every 20 seconds that this article is open here, and who else has it open.
{
  const EVERY = 20000;
  const form = document.querySelector("form[data-here]");
  const line = document.querySelector("[data-others]");

  function names(list) {
    return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
  }

  async function sayHere() {
    if (document.hidden) return;
    const answer = await fetch(form.dataset.here, {
      method: "POST",
      redirect: "manual",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    }).catch(() => null);
    if (!answer?.ok) return;
    const { others, newest, by } = await answer.json();
    const parts = [];
    if (others.length) {
      const verb = others.length === 1 ? "has" : "have";
      parts.push(`${names(others)} ${verb} this article open too.`);
    }
    if (newest > Number(form.elements.base.value || 0) && newest > 1) {
      parts.push(`${by} saved revision ${newest} meanwhile. When you save, you will see both.`);
    } else if (others.length) {
      parts.push("Talk to each other before you save.");
    }
    const text = parts.join(" ");
    if (line.textContent.trim() !== text) line.textContent = text;
    line.hidden = !text;
  }

  if (form) {
    sayHere();
    setInterval(sayHere, EVERY);
    document.addEventListener("visibilitychange", sayHere);
  }
}
