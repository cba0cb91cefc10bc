import { h } from "../../page/element.js";
import { drawDoor } from "./door.js";
import { address, paperLink, picture } from "./parts.js";

/** How to join, and who has. @type {import("./types").Draw} */
export function drawLobby(view) {
  const { say, live, options } = view;
  if (live.stage === "closed") {
    return [h("h2", null, say("close.closed")), h("p", { class: "lead" }, say("lobby.closed"))];
  }
  const audiences = Object.entries(live.by_audience).filter(([, n]) => n > 0);
  const counts = audiences.map(([name, n]) => `${say(`audiences.${name}`)} ${n}`).join(" · ");
  const joined = live.joined
    ? [h("b", null, String(live.joined)), ` ${say("lobby.joined")}`]
    : say("lobby.joined_none");
  const network = options.wifi ? say("lobby.named_network", options) : say("lobby.one_network");
  const beside = h(
    "div",
    null,
    ...address(view),
    h("p", { class: "joined" }, joined),
    audiences.length > 1 && h("p", { class: "muted" }, counts),
    live.groups.phones > 0 && h("p", { class: "muted" }, say("lobby.groups", live.groups)),
    h("p", { class: "muted" }, network),
    drawDoor(view, paperLink(view)),
  );
  return [h("h2", { class: "small" }, say("lobby.title")), h("div", { class: "lobby" }, picture(view), beside)];
}
