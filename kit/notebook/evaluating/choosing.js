/**
 * What is chosen, and how it stands in the address: filters, single meetings left out, how to group, reports kept.
 *
 * @typedef {object} Listed a closed session
 * @property {string} folder
 * @property {string} code
 * @property {string} event
 * @property {string} site
 * @property {string} site_id
 * @property {string} held_on
 * @property {string[]} audiences
 * @property {number} joined
 * @property {?number} pairs as the report of the meeting says
 * @property {boolean} rehearsal
 * @property {boolean} sample
 *
 * @typedef {object} Choice what a report is asked for
 * @property {string[]} sessions
 * @property {string} [table]
 * @property {string} audience
 * @property {string[]} by
 * @property {string[]} compare
 * @property {?number} target
 * @property {boolean} public
 * @property {string} [first]
 *
 * @typedef {object} State
 * @property {string} view
 * @property {Record<string, string>} filter
 * @property {Set<string>} without folders left out by hand
 * @property {Set<string>} by
 * @property {Set<string>} compare sites
 * @property {boolean} public
 * @property {boolean} rehearsals
 * @property {boolean} sample
 * @property {boolean} shown whether the report of the choice was asked for
 * @property {string} first
 * @property {Choice[]} beside reports that stay
 */

export const VIEWS = ["report", "villages", "items", "planning", "table"];
export const FILTERS = ["only", "from", "to", "site", "audience", "event", "target"];
const FLAGS = /** @type {const} */ (["public", "rehearsals", "sample", "shown"]);
const SETS = /** @type {const} */ (["without", "by", "compare"]);

/** @param {string} query @param {Listed[]} all @returns {State} */
export function stateOf(query, all) {
  const told = new URLSearchParams(query);
  const view = told.get("view") || "";
  const lists = SETS.map((name) => new Set(told.getAll(name)));
  const flags = FLAGS.map((name) => told.get(name) === "1");
  const onlySample = all.length > 0 && all.every((one) => one.rehearsal || one.sample) && all.some((one) => one.sample);
  return {
    view: VIEWS.includes(view) ? view : "report",
    filter: Object.fromEntries(FILTERS.map((name) => [name, told.get(name) || ""])),
    without: lists[0],
    by: lists[1],
    compare: lists[2],
    public: flags[0],
    rehearsals: flags[1],
    sample: flags[2] || onlySample,
    shown: flags[3],
    first: told.get("first") || "",
    beside: told.getAll("beside").map(choiceFrom).filter(isChoice),
  };
}

/** @param {string} text @returns {?Choice} */
function choiceFrom(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {?Choice} choice @returns {choice is Choice} */
function isChoice(choice) {
  return Boolean(choice) && Array.isArray(/** @type {any} */ (choice).sessions);
}

/** The choice as a query; a table from outside is nowhere but here, so it is not in it. @param {State} state */
export function queryOf(state) {
  const told = new URLSearchParams();
  if (state.view !== "report") told.set("view", state.view);
  for (const name of FILTERS) if (state.filter[name]) told.set(name, state.filter[name]);
  for (const name of SETS) for (const value of state[name]) told.append(name, value);
  for (const name of FLAGS) if (state[name]) told.set(name, "1");
  if (state.first) told.set("first", state.first);
  for (const choice of state.beside) if (!choice.table) told.append("beside", JSON.stringify(choice));
  return told.toString();
}

/** Put the choice into the address of the kit's own page; JupyterLab's address is its own. @param {State} state */
export function keepInAddress(state) {
  if (!onOwnPage()) return;
  const query = queryOf(state);
  history.replaceState(null, "", `${location.pathname}${query && `?${query}`}${location.hash}`);
}

export function onOwnPage() {
  return document.getElementById("deck") !== null;
}

/** The meetings that the filters leave. @param {State} state @param {Listed[]} all */
export function listedOf(state, all) {
  const { only, from, to, site, audience, event } = state.filter;
  const words = only.toLowerCase().split(/\s+/);
  return all.filter((one) => {
    if (state.sample ? !one.sample : one.sample || (one.rehearsal && !state.rehearsals)) return false;
    if ((from && one.held_on < from) || (to && one.held_on > to)) return false;
    if ((site && one.site_id !== site) || (event && one.event !== event)) return false;
    if (audience && !one.audiences.includes(audience)) return false;
    const said = [one.held_on, one.event, one.site, one.code, ...one.audiences].join(" ").toLowerCase();
    return words.every((part) => said.includes(part));
  });
}

/** The report that is chosen now. @param {State} state @param {Listed[]} all @returns {Choice} */
export function choiceOf(state, all) {
  const mine = listedOf(state, all).filter((one) => !state.without.has(one.folder));
  const target = Number.parseFloat(state.filter.target.replace(",", "."));
  const sites = new Set(mine.map((one) => one.site));
  return {
    sessions: mine.map((one) => one.folder).sort(),
    audience: state.filter.audience,
    by: [...state.by],
    compare: [...state.compare].filter((name) => sites.has(name)),
    target: Number.isFinite(target) ? target : null,
    public: state.public,
    first: state.first,
  };
}
