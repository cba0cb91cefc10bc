/**
 * Find one sentence in the words of both languages and fill its `{places}`; Indonesian where a language is unknown.
 * @param {Record<string, any>} words
 * @param {string} language
 * @param {string} path such as `entry.title`
 * @param {Record<string, any>} [values]
 */
export function say(words, language, path, values = {}) {
  const found = path.split(".").reduce((node, key) => (node ? node[key] : node), words[language] || words.id);
  if (typeof found !== "string") return path;
  return found.replace(/\{(\w+)\}/g, (_, name) => String(name in values ? values[name] : ""));
}
