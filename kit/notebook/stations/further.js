/**
 * A further station of a hall: drawn by the script that came with the first one, which is sent once for a whole deck.
 */

/** @returns {Promise<(given: {model: any, el: HTMLElement}) => any>} the first station's way to draw */
function firstScript() {
  const page = /** @type {any} */ (window);
  return new Promise((resolve) => {
    if (page.kitStation) resolve(page.kitStation);
    else page.addEventListener("kit:station", () => resolve(page.kitStation), { once: true });
  });
}

/** @param {{model: any, el: HTMLElement}} given */
async function render(given) {
  const draw = await firstScript();
  return draw(given);
}

export default { render };
