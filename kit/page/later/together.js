/** One phone for several people: how many they are, before they consent together. */

import { byId, h } from "../element.js";
import { shareWith } from "../screens/door.js";
import { button, field, show, t, view } from "../screens/frame.js";

const MOST = 60;

/** Ask how many share this phone. @param {string} [error] @param {string} [typed] */
export function together(error = "", typed = "") {
  view.again = () => together();
  /** @param {Event} event */
  const send = (event) => {
    event.preventDefault();
    const { value } = byId("people");
    const people = /^\d{1,3}$/.test(value.trim()) ? Number(value) : 0;
    if (people >= 2 && people <= MOST) shareWith(people);
    else together(t("together.wrong", { most: MOST }), value);
  };
  const people = field("people", {
    label: t("together.label"),
    hint: t("together.hint"),
    error,
    value: typed,
    inputmode: "numeric",
    maxlength: 3,
  });
  show(
    "together",
    h(
      "form",
      { onsubmit: send, novalidate: true },
      h("h1", null, t("together.title")),
      people,
      h("p", null, h("button", { class: "button" }, t("together.go"))),
    ),
    h("p", null, button(t("together.alone"), () => shareWith(1), "quiet")),
  );
  if (error) byId("people").focus();
}
