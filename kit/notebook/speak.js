// @ts-check
/** Words of both languages are in the page; this finds one sentence and fills its places. */

/** @param {any} words @param {string} language @param {string} path @param {{[name: string]: any}} [values] */
export function speak(words, language, path, values = {}) {
  const found = path.split(".").reduce((node, key) => node?.[key], words[language] ?? words.id);
  return String(found ?? path).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
