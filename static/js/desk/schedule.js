// The button says what it will do: "Schedule for October 12, 2026, 9:00 am".
{
  const at = document.querySelector("[data-schedule-at]");
  const button = document.querySelector("[data-schedule]");
  const plain = button?.textContent;

  function inWords(value) {
    const [day, time] = value.split("T");
    const [hour, minute] = time.split(":");
    // Noon keeps the date the same in every time zone; the time is the site's, as typed.
    const date = new Date(`${day}T12:00`).toLocaleDateString("en-US", {
      year: "numeric",
      month: "long",
      day: "numeric",
    });
    return `${date}, ${hour % 12 || 12}:${minute} ${hour < 12 ? "am" : "pm"}`;
  }

  function say() {
    button.textContent = at.value ? `Schedule for ${inWords(at.value)}` : plain;
  }

  at?.addEventListener("input", say);
  if (at) say();
}
