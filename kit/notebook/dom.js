// @ts-check
/** Elements and words for the widgets. */

/**
 * Make an element; `on…` properties become listeners, strings become text, never markup.
 * @param {string} tag
 * @param {?{[name: string]: any}} [props]
 * @param {...any} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Find one sentence in the words of both languages and fill its places.
 * @param {any} words @param {string} language @param {string} path @param {{[name: string]: any}} [values] */
export function speak(words, language, path, values = {}) {
  const found = path.split(".").reduce((node, key) => node?.[key], words[language] ?? words.id);
  return String(found ?? path).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
