/** What a station is given to draw from. */

import type { Part, Say } from "../../page/types";

export interface View {
  model: any;
  kind: string;
  options: any;
  /** The session as the service tells it, or null. */
  live: any;
  language: "id" | "en";
  busy: boolean;
  say: Say;
  /** Ask the kernel to do something. */
  ask: (what: string, details?: object) => void;
  /** A button that asks before it acts. */
  sure: (key: string, question: string, label: string, act: () => void, look?: string) => HTMLElement;
  /** What must outlive a redraw: form fields, an open question. */
  memory: Record<string, any>;
  redraw: () => void;
}

export type Draw = (view: View) => Part[];
