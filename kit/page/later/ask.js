/** A question to the officer, without a name; what was typed stays until it is sent. */

import { byId, h } from "../element.js";
import { call } from "../link/call.js";
import { page } from "../link/page.js";
import { persist } from "../link/persist.js";
import { failed } from "../screens/failed.js";
import { button, drawing, show, t, view, way } from "../screens/frame.js";

const MOST_SIGNS = 280;

let typed = "";
addEventListener("kit-forgotten", () => {
  typed = "";
});

/** @param {string} [error] */
export function askScreen(error = "") {
  view.again = askScreen;
  const text = h("textarea", {
    id: "question",
    rows: 4,
    maxlength: MOST_SIGNS,
    "aria-describedby": "question-hint",
    "aria-invalid": error ? "true" : null,
    oninput: () => {
      typed = text.value;
    },
  });
  text.value = typed;
  show(
    "ask",
    h("h1", null, t("ask.title")),
    h(
      "div",
      { class: error ? "field field-error" : "field" },
      h("label", { for: "question" }, t("ask.label")),
      h("p", { class: "aside", id: "question-hint" }, t("ask.hint")),
      error && h("p", { class: "error" }, `✗ ${error}`),
      text,
    ),
    h("p", null, button(t("ask.send"), sendQuestion)),
    h("p", null, button(t("back"), way.route, "quiet")),
  );
  if (error) byId("question").focus();
}

async function sendQuestion() {
  const { turn } = view;
  if (!typed.trim()) {
    askScreen(t("ask.empty"));
    return;
  }
  try {
    await persist(() => call("POST", "/questions", { text: typed }), () => turn === view.turn);
    typed = "";
    view.again = questionSent;
    questionSent();
  } catch (caught) {
    const problem = /** @type {import("../link/call.js").Problem} */ (caught);
    if (problem.status === 401) failed(problem);
    else if (turn === view.turn) askScreen(`${problem.body.title || ""} ${problem.body.detail || ""}`);
  }
}

function questionSent() {
  show(
    "ask/sent",
    drawing("done"),
    h("h1", null, t("ask.sent")),
    h("p", { class: "lead" }, t("ask.sent_text")),
    h("p", null, button(t("next"), way.route)),
    page.state && page.state.questions && h("p", null, button(t("ask.more"), () => askScreen(), "quiet")),
  );
}
