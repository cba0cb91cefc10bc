/**
 * A person's result as one picture: made on the phone, sent nowhere.
 *
 * @import { Plan, Say, Scores } from "../types"
 *
 * @typedef {object} Told
 * @property {Scores} scores
 * @property {string[]} few what to take along
 * @property {?Plan} plan
 * @property {string} code the personal code
 * @property {{number: string, words: string}[]} help
 *
 * @typedef {CanvasRenderingContext2D} Pen
 */

import { STUDY } from "../study.js";

const [WIDE, EDGE] = [1080, 72];
const MOST_HIGH = 2400; // room to draw in; what is not used is cut off
const [INK, MUTED, ACCENT, SOFT] = ["#14213d", "#47506a", "#0b5cad", "#e6f0fa"]; // always light: it may be printed

/**
 * The picture as the address of its own bytes.
 * @param {Told} told
 * @param {Say} say
 */
export function pictureOf(told, say) {
  const drawn = sheet(MOST_HIGH);
  const high = draw(drawn.pen, told, say);
  const cut = sheet(high);
  cut.pen.drawImage(drawn.canvas, 0, 0);
  return cut.canvas.toDataURL("image/png");
}

/** @param {number} high */
function sheet(high) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDE, height: high });
  const pen = /** @type {Pen} */ (canvas.getContext("2d"));
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDE, high);
  pen.textBaseline = "top";
  return { canvas, pen };
}

/**
 * Draw from the top; how high it has become.
 * @param {Pen} pen
 * @param {Told} told
 * @param {Say} say
 */
function draw(pen, told, say) {
  let y = EDGE;
  /** @type {(text: string, size: number, look?: {colour?: string, bold?: boolean, left?: number}) => void} */
  const write = (text, size, { colour = INK, bold = false, left = EDGE } = {}) => {
    pen.font = `${bold ? "bold " : ""}${size}px system-ui, sans-serif`;
    pen.fillStyle = colour;
    for (const line of wrapped(pen, text, WIDE - EDGE - left)) {
      pen.fillText(line, left, y);
      y += 1.3 * size;
    }
  };
  write(say("title"), 34, { colour: MUTED });
  write(say("result.title"), 76, { bold: true });
  y += 20;
  for (const wave of STUDY.waves.filter((name) => told.scores[name])) {
    const { score, max } = told.scores[wave];
    write(`${say(`result.${wave}`)}: ${say("result.of", { score, max })}`, 44, { bold: true });
    fill(pen, SOFT, y, WIDE - 2 * EDGE);
    fill(pen, wave === STUDY.waves[0] ? MUTED : ACCENT, y, max ? ((WIDE - 2 * EDGE) * score) / max : 0);
    y += 60;
  }
  y += 20;
  for (const words of told.few) write(`✓ ${words}`, 46, { bold: true });
  if (told.plan) {
    y += 24;
    write(say("plan.title"), 34, { colour: MUTED });
    write(`${told.plan.stem} ${told.plan.chosen.join(" · ")}`, 40);
  }
  y += 24;
  write(say("help.title"), 34, { colour: MUTED });
  for (const { number, words } of told.help) write(`${number}  ${words}`, 40);
  y += 24;
  write(say("who.code"), 34, { colour: MUTED });
  write(told.code, 76, { bold: true, colour: ACCENT });
  return Math.min(MOST_HIGH, Math.ceil(y + EDGE));
}

/**
 * @param {Pen} pen
 * @param {string} colour
 * @param {number} y
 * @param {number} wide
 */
function fill(pen, colour, y, wide) {
  pen.fillStyle = colour;
  pen.fillRect(EDGE, y, wide, 28);
}

/**
 * A text in lines that fit.
 * @param {Pen} pen
 * @param {string} text
 * @param {number} wide in pixels
 */
function wrapped(pen, text, wide) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && pen.measureText(longer).width > wide) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
