import { h } from "../element.js";

/**
 * The if-then plan that a person has chosen, in full; nothing where none was.
 * @param {?import("../types").Plan | undefined} plan
 * @param {import("../types").Say} say
 */
export function planCard(plan, say) {
  if (!plan) return null;
  const chosen = h("p", null, h("b", null, plan.chosen.join(" · ")));
  return h("section", { class: "card plan" }, h("h2", null, say("plan.title")), h("p", null, plan.stem), chosen);
}
