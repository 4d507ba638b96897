// Keeps the preview of a key's packages up to date while somebody types, and counts the packages that are ticked. Without it the
// Preview button does the same.
"use strict";
const form = document.querySelector("form[data-preview]");
const fields = ["package", "packages", "globs"];
let waiting, newest = 0;
async function refresh() {
  const turn = ++newest;
  const typed = [...new FormData(form)].filter(([name]) => fields.includes(name));
  const response = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(typed), cache: "no-store" });
  // A session that ended leads to another page; an answer that was overtaken tells of what is not typed any more.
  if (!response.ok || response.redirected || turn !== newest) return;
  document.getElementById("preview").innerHTML = await response.text();
}
function count() {
  const boxes = [...form.querySelectorAll("input[name=package]")];
  const chosen = document.getElementById("chosen");
  if (chosen) chosen.textContent = `${boxes.filter((box) => box.checked).length} of ${boxes.length} packages chosen`;
}
form.addEventListener("input", (event) => {
  if (!fields.includes(event.target.name)) return;
  count();
  clearTimeout(waiting);
  waiting = setTimeout(() => refresh().catch(() => {}), 300);
});
