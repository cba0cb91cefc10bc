/** What every part of the evaluation is drawn from. */

import type { Say } from "../../page/types";
import type { Choice, Listed, State } from "./choosing.js";

export interface View {
  model: any;
  say: Say;
  ask: (what: string, details?: object, buffers?: ArrayBuffer[]) => void;
  state: State;
  all: Listed[];
  busy: boolean;
  /** What must outlive a redraw and is nobody else's business. */
  memory: {
    needed: boolean;
    options: boolean;
    matched: Record<string, string>;
    most: string;
    plan: Record<string, string>;
  };
  /** Change the state, keep it in the address, draw unless nothing that is drawn follows from it. */
  set: (change: () => unknown, quiet?: boolean) => void;
  /** Make the report of what is chosen now. */
  show: () => void;
  /** Show these reports beside each other. */
  showAll: (choices: Choice[]) => void;
  go: (view: string) => void;
}
