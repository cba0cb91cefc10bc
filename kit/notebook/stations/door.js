import { h } from "../../page/element.js";
import { actions, widgetButton } from "../widget.js";

/**
 * The door: closed or open, joins beside how many are expected, and what came in a burst.
 * @param {import("./types").View} view
 * @param {HTMLElement} beside what stands beside its button
 */
export function drawDoor(view, beside) {
  const { ask, busy, live, say, sure } = view;
  const { closed, expected, bursts, set_aside } = live.door;
  const beyond = expected && live.joined > expected;
  const shut = () => ask("door", { closed: true });
  return h(
    "div",
    { class: "door" },
    expected && h("p", { class: "muted" }, say("door.expected", { joined: live.joined, expected })),
    beyond && h("p", { class: "notice bad", role: "alert" }, say("door.beyond", { n: live.joined - expected })),
    ...bursts.map((/** @type {any} */ burst) => drawBurst(view, burst)),
    set_aside > 0 && h("p", { class: "muted" }, say("door.aside_count", { n: set_aside })),
    closed && h("p", { class: "notice", role: "status" }, say("door.is_closed")),
    actions(
      closed
        ? widgetButton("door-open", say("door.open"), () => ask("door", { closed: false }), "second", busy)
        : sure("door-close", say("door.close_sure"), say("door.close"), shut, "second"),
      beside,
    ),
  );
}

/** @param {import("./types").View} view @param {any} burst */
function drawBurst({ ask, busy, say }, burst) {
  const { burst_id, people, seconds, set_aside } = burst;
  const change = () => ask("aside", { burst_id, aside: !set_aside });
  const label = say(set_aside ? "door.take_back" : "door.set_aside");
  return h(
    "div",
    { class: set_aside ? "notice" : "notice bad", role: set_aside ? "status" : "alert" },
    h("p", null, say("door.burst", { people, seconds: Math.max(1, Math.round(seconds)) })),
    actions(widgetButton(`burst-${burst_id}`, label, change, "plain", busy)),
  );
}
