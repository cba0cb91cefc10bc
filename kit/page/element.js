/**
 * Make an element; `on…` properties become listeners, strings become text, never markup.
 * @param {string} tag
 * @param {?Record<string, any>} [props]
 * @param {...any} children
 * @returns {any} the element; its kind follows from the tag
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A bar filled to a share of it.
 * @param {number} share from 0 to 1
 * @param {string} [look] a class beside `bar`
 */
export function bar(share, look = "") {
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${100 * share}%`;
  return h("span", { class: look ? `bar ${look}` : "bar", "aria-hidden": "true" }, fill);
}

/**
 * An element of the page that is always there.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  return document.getElementById(id);
}
