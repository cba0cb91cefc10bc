/** How far a rehearsal is, looked at every second until it ends. */

const LOOK_MS = 1000;
const box = /** @type {HTMLElement} */ (document.getElementById("progress"));
const list = /** @type {HTMLElement} */ (box.querySelector("ul"));
const notice = /** @type {HTMLElement} */ (box.querySelector(".notice"));

/** @param {{name: string, done: number, of: number}} stage */
function row({ name, done, of }) {
  const line = document.createElement("li");
  const words = document.createElement("div");
  const bar = document.createElement("progress");
  words.textContent = name;
  bar.max = of;
  bar.value = done;
  bar.setAttribute("aria-label", name);
  line.append(words, bar);
  return line;
}

async function look() {
  let told;
  try {
    told = await (await fetch(box.dataset.from ?? "")).json();
  } catch (lost) {
    setTimeout(look, LOOK_MS);
    return;
  }
  box.hidden = false;
  list.replaceChildren(...told.stages.map(row));
  notice.hidden = !told.said;
  notice.textContent = told.said;
  notice.className = `notice ${told.good ? "good" : "warn"}`;
  for (const button of document.querySelectorAll("form button")) button.toggleAttribute("disabled", told.running);
  if (told.running) setTimeout(look, LOOK_MS);
}

if (box.dataset.running) look();
