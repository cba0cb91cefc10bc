/**
 * What people ask, in the officer's second window only: open and close, put one on the projector, take it away.
 *
 * @typedef {{question_id: string, text: string, state: string}} Question
 * @typedef {{open: boolean, questions: Question[], trouble?: string}} Told
 */

const LOOK = 2000;

/** What may become of a question, by what it is. @type {{[state: string]: string[]}} */
const MAY = {
  shown: ["answered", "hidden"],
  new: ["shown", "answered", "hidden"],
  answered: ["shown"],
  hidden: ["new"],
};

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** @param {string} sentence @param {number} n */
const fill = (sentence, n) => sentence.replace("{n}", String(n));

/** @param {{words: {[key: string]: any}, channel: BroadcastChannel, base: string, token: string}} given */
export function followQuestions({ words, channel, base, token }) {
  /** @type {{[state: string]: string}} */
  const verbs = {
    shown: words.asked.show,
    answered: words.asked.answered,
    hidden: words.asked.hide,
    new: words.asked.back,
  };
  let code = "";
  let drawn = "";
  let open = false;
  let changing = false;

  /** Ask this laptop; a look that a change has overtaken is dropped. @param {string} [path] @param {object} [change] */
  async function ask(path = "", change) {
    if (!code || changing) return;
    changing = Boolean(change);
    const [of, whether] = [code, changing];
    const headers = { "Content-Type": "application/json", "X-XSRFToken": token };
    const how = change ? { method: "PUT", headers, body: JSON.stringify(change) } : {};
    const told = await fetch(`${base}kit/questions/${of}${path}`, { cache: "no-store", ...how })
      .then((answer) => answer.json())
      .catch(() => ({ trouble: words.asked.lost }));
    if (whether) changing = false;
    if (of === code && !changing) show(told);
  }

  /** @param {Told} told */
  function show(told) {
    byId("asked-trouble").hidden = !told.trouble;
    byId("asked-trouble").textContent = told.trouble ?? "";
    const all = JSON.stringify(told);
    if (told.trouble || all === drawn) return;
    drawn = all;
    draw(told);
  }

  /** @param {Told} told */
  function draw(told) {
    const focused = document.activeElement?.closest(".asked li");
    const waiting = told.questions.filter((one) => one.state === "new");
    const onScreen = told.questions.filter((one) => one.state === "shown");
    const done = told.questions.filter((one) => !["new", "shown"].includes(one.state));
    open = told.open;
    byId("asked-now").textContent = fill(open ? words.asked.is_open : words.asked.is_closed, waiting.length);
    byId("asked-door").textContent = open ? words.asked.close : words.asked.open;
    byId("asked-door").hidden = false;
    byId("asked-none").hidden = told.questions.length > 0;
    list(byId("asked-list"), [...onScreen, ...waiting]);
    const [summary, rest] = byId("asked-done").children;
    byId("asked-done").hidden = !done.length;
    summary.textContent = fill(words.asked.done, done.length);
    list(rest, done);
    if (focused) byId("asked-title").focus();
  }

  /** @param {HTMLElement} rows @param {Question[]} questions */
  function list(rows, questions) {
    rows.hidden = !questions.length;
    rows.replaceChildren(...questions.map(row));
  }

  /** @param {Question} question */
  function row({ question_id: id, text, state }) {
    const made = document.createElement("li");
    const asked = document.createElement("p");
    asked.textContent = text;
    asked.id = `asked-${id}`;
    const buttons = document.createElement("div");
    buttons.className = "links";
    if (state === "shown") {
      const tag = document.createElement("span");
      tag.className = "tag";
      tag.textContent = words.asked.on_screen;
      buttons.append(tag);
    }
    buttons.append(...MAY[state].map((to) => button(id, to)));
    made.append(asked, buttons);
    return made;
  }

  /** @param {string} id @param {string} to */
  function button(id, to) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = verbs[to];
    made.dataset.to = to;
    made.className = to === "shown" ? "button" : "button second";
    made.setAttribute("aria-describedby", `asked-${id}`);
    made.addEventListener("click", () => ask(`/${id}`, { state: to }));
    return made;
  }

  /** The deck says which session is on the projector. @param {string} session */
  function turnTo(session) {
    if (session === code) return;
    [code, drawn] = [session, ""];
    for (const id of ["asked-door", "asked-none", "asked-list", "asked-done", "asked-trouble"]) byId(id).hidden = true;
    byId("asked-now").textContent = words.asked.no_session;
    ask();
  }

  channel.addEventListener("message", ({ data }) => {
    if (typeof data?.session === "string") turnTo(data.session);
  });
  byId("asked-door").addEventListener("click", () => ask("", { open: !open }));
  const look = () => {
    channel.postMessage({ who: true });
    ask();
  };
  setInterval(look, LOOK);
  look();
}
