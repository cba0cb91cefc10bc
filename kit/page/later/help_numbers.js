/** The help numbers of the page, once more where they are read. */

import { byId } from "../element.js";

/** A copy of the list under "Help". */
export function helpNumbers() {
  const list = byId("help").querySelector(".numbers").cloneNode(true);
  list.querySelector("#office").removeAttribute("id");
  return list;
}

/** The same lines as words: `{href, number, words}` each. */
export function helpLines() {
  /** @type {HTMLAnchorElement[]} */
  const links = [...byId("help").querySelectorAll("a[href^='tel:']")];
  const part = (/** @type {Element} */ link, /** @type {string} */ tag) => {
    const found = link.querySelector(tag);
    return (found && found.textContent) || "";
  };
  return links.map((link) => ({ href: link.href, number: part(link, "b"), words: part(link, "span") }));
}
