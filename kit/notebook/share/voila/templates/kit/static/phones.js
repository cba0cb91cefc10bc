/**
 * What the phones show, and how far each audience is.
 *
 * @typedef {Record<string, number>} Counts
 * @typedef {{stage: string, joined: number, connected: number, by_audience: Counts, finished: Counts,
 *   finished_by_audience: Record<string, Counts>, answered: Counts, practice: {finished: number},
 *   trouble?: string}} Live
 */

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** @param {any} words @param {Record<string, any>} values */
export function fill(words, values) {
  return String(words).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {Record<string, any>} words @param {string} path @param {Record<string, any>} [values] */
export function sentence(words, path, values = {}) {
  return fill(
    path.split(".").reduce((node, key) => node[key], words),
    values,
  );
}

/**
 * @param {{words: Record<string, any>, of: (code: string) => Promise<Live>}} given
 * @returns {(code: string) => Promise<void>} look at a session; an empty code is none
 */
export function followPhones({ words, of }) {
  /** @param {string} path @param {Record<string, any>} [values] */
  const say = (path, values = {}) => sentence(words.notes, path, values);
  /** @param {number} n @param {number} of */
  const share = (n, of) => say("phones.share", { n, of });

  /** @param {Live} live */
  function draw({ stage, joined, connected, by_audience, finished_by_audience, answered, practice }) {
    const [name, item] = stage.split(":");
    const shows = say(`phones.${name}`);
    byId("phones-now").textContent = `${words.stages[name]}: ${shows}`;
    const rows = [row(say("phones.people"), say("phones.of_joined", { joined, connected }))];
    if (item) rows.push(row(say("phones.answered"), share(answered[item] ?? 0, joined)));
    if (name === "practice") rows.push(row(say("phones.done"), share(practice.finished, joined)));
    const done = finished_by_audience[name];
    for (const [audience, people] of Object.entries(by_audience)) {
      if (!people) continue;
      rows.push(row(words.audiences[audience], done ? share(done[audience] ?? 0, people) : String(people)));
    }
    byId("phones-table").hidden = false;
    byId("phones-table").tBodies[0].replaceChildren(...rows);
  }

  /** @param {string} label @param {string} value */
  function row(label, value) {
    const made = document.createElement("tr");
    const head = document.createElement("th");
    Object.assign(head, { scope: "row", textContent: label });
    const cell = document.createElement("td");
    cell.textContent = value;
    made.append(head, cell);
    return made;
  }

  return async (code) => {
    if (!code) {
      byId("phones-now").textContent = say("phones.no_session");
      byId("phones-table").hidden = true;
      byId("phones-trouble").hidden = true;
      return;
    }
    const live = await of(code);
    byId("phones-trouble").hidden = !live.trouble;
    byId("phones-trouble").textContent = live.trouble ?? "";
    if (!live.trouble) draw(live);
  };
}
