"use strict";
// The page after the making of a key answers a form. Reloaded, it would send the form again and make another key: let a reload
// lead elsewhere.
const made = document.querySelector("[data-reload]");
if (made) history.replaceState(null, "", made.dataset.reload);
// The Copy button of a key that is never shown: draws the value when it is pressed for the first time, and keeps it in this
// page's memory alone.
for (const button of document.querySelectorAll("button[data-claim]")) {
  const status = document.getElementById(button.dataset.status);
  let value = null;
  async function draw() {
    const response = await fetch(button.dataset.action, {
      method: "POST",
      body: new URLSearchParams({ claim: button.dataset.claim }),
      cache: "no-store",
    });
    if (!response.ok) throw new Error("The value was already handed out. Regenerate the key to get a new one.");
    return (await response.json()).value;
  }
  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Without TLS browsers offer only the old way, which copies a selection.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "offscreen";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) throw new Error("This browser did not let us copy. Try again.");
  }
  button.addEventListener("click", async () => {
    try {
      value ??= await draw();
      await copy(value);
      status.textContent = "Copied. Paste it into your secret store now.";
    } catch (error) {
      status.textContent = error.message;
    }
  });
}
