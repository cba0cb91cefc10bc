/** Buttons that copy a text beside them; without a clipboard the text is selected. */

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(/** @type {HTMLElement} */ (button)));
}

/** @param {HTMLElement} button */
async function copy(button) {
  const { copy: name = "", done = "" } = button.dataset;
  const text = /** @type {HTMLTextAreaElement} */ (document.getElementById(name));
  text.select();
  try {
    await navigator.clipboard.writeText(text.value);
  } catch (refused) {
    return; // selected: Ctrl+C does the rest
  }
  button.textContent = done;
}
