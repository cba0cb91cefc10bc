/** Something definite went wrong: the service's own words, and a way on. */

import { h } from "../element.js";
import { fetchState } from "../link/follow.js";
import { hooks, page } from "../link/page.js";
import { button, drawing, show, t, view, way } from "./frame.js";

/** @param {import("../link/call.js").Problem} problem */
export function failed(problem) {
  if (problem.status === 401) {
    hooks.stale(problem);
    return;
  }
  if (problem.code === "unknown_code") {
    hooks.unknown();
    return;
  }
  if (problem.code === "session_over") {
    way.door("resume", "over");
    return;
  }
  view.again = () => failed(problem);
  const again = () => {
    page.wave = null;
    fetchState().catch(() => {});
    way.route();
  };
  show(
    "problem",
    drawing("lost"),
    h("h1", null, problem.body.title || t("problem")),
    h("p", { class: "lead" }, problem.body.detail || ""),
    h("p", null, button(t("again"), again)),
  );
}
