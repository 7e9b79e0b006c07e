// A letter that is being sent: its numbers, again every three seconds. When its state changes
// the page is asked for anew, since other buttons belong to it then.
{
  const PAUSE = 3000;
  const part = document.querySelector("[data-progress]");

  async function look() {
    try {
      const answer = await fetch(part.dataset.progress, { redirect: "manual" });
      if (!answer.ok) return;
      const { state, progress, at } = await answer.json();
      if (state !== part.dataset.state) return location.reload();
      for (const cell of part.querySelectorAll("[data-fact]")) {
        cell.textContent = progress[cell.dataset.fact].toLocaleString("en-US");
      }
      part.querySelector("progress").value = progress.percent;
      part.querySelector("[data-at]").textContent = at;
    } catch {} // the site cannot be reached: the next look may reach it
    setTimeout(look, PAUSE);
  }
  if (part) setTimeout(look, PAUSE);
}
