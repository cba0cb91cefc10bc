/**
 * The officer's phone as a remote: its QR code stands here alone, until one phone has opened it.
 *
 * @typedef {{state: string, seconds: number, trouble?: string}} State
 * @typedef {{address: string, qr: string, seconds: number, trouble?: string}} Offer
 */

import { sentence } from "./phones.js";

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/**
 * @param {{words: Record<string, any>, ask: (method: string, code: string) => Promise<any>}} given
 * @returns {(code: string) => Promise<void>} look at a session; an empty code is none
 */
export function followRemote({ words, ask }) {
  /** @param {string} path @param {Record<string, any>} [values] */
  const say = (path, values) => sentence(words, path, values);
  let code = "";
  let offered = "";

  /** @param {State} told */
  function draw({ state, seconds, trouble }) {
    byId("remote-trouble").hidden = !trouble;
    byId("remote-trouble").textContent = trouble ?? "";
    if (trouble) return;
    if (state !== "waiting") offered = "";
    const open = state === "waiting" && Boolean(offered);
    const now = open || state === "paired" ? state : "none";
    byId("remote-now").textContent = say(`remote.${now}`, { n: Math.ceil(seconds / 60) });
    byId("remote-qr").hidden = !open;
    byId("remote-address").hidden = !open;
    byId("remote-offer").textContent = say(now === "none" ? "remote.offer" : "remote.again");
    byId("remote-end").hidden = state === "none";
    if (!open) byId("remote-qr").replaceChildren();
  }

  async function look() {
    if (code) draw(await ask("GET", code));
  }

  byId("remote-offer").addEventListener("click", async () => {
    /** @type {Offer} */
    const offer = await ask("POST", code);
    if (offer.trouble) {
      draw({ state: "none", seconds: 0, trouble: offer.trouble });
      return;
    }
    const picture = document.createElement("img");
    picture.alt = say("remote.qr");
    picture.src = `data:image/svg+xml,${encodeURIComponent(offer.qr)}`;
    byId("remote-qr").replaceChildren(picture);
    byId("remote-address").textContent = offer.address;
    offered = offer.address;
    draw({ state: "waiting", seconds: offer.seconds });
  });
  byId("remote-end").addEventListener("click", async () => {
    draw(await ask("DELETE", code));
    byId("remote-title").focus();
  });

  return async (session) => {
    if (session !== code) offered = "";
    code = session;
    byId("remote").hidden = !code;
    await look();
  };
}
