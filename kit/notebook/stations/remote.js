/**
 * The officer's remote: the deck turns as it asks, and tells it which slide is on the projector.
 *
 * @param {any} model of the station that opens the session
 * @returns {() => void} how to stop
 */
export function followRemote(model) {
  /** @type {?object} */
  let slide = null;
  const tell = () => slide && model.get("live") && model.send({ do: "slide", slide });
  /** @param {any} event */
  const onSlide = ({ detail }) => {
    slide = detail.slide;
    tell();
  };
  let code = "";
  const onLive = () => {
    const now = model.get("live")?.code ?? "";
    if (now && now !== code) tell();
    code = now;
  };
  model.on("msg:custom", (/** @type {any} */ { turn }) => {
    if (!turn) return;
    const runs = turn.runs.replace(/^reveal/, "poll");
    window.dispatchEvent(new CustomEvent("kit:go", { detail: runs ? { runs } : { step: turn.step } }));
  });
  model.on("change:live", onLive);
  window.addEventListener("kit:slide", onSlide);
  window.dispatchEvent(new CustomEvent("kit:where"));
  return () => {
    model.off("change:live", onLive);
    window.removeEventListener("kit:slide", onSlide);
  };
}
