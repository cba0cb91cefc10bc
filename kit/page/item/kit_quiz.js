/** @import { Choice, Drawing } from "../types" */

import { renderItem } from "./item.js";

/** `<kit-quiz>`: set `.data` to a Drawing; the choice comes back as an event `choice`. */
export class KitQuiz extends HTMLElement {
  /** @param {Drawing} drawing */
  set data(drawing) {
    /** @param {Choice} choice */
    const onChoice = (choice) => {
      if (drawing.onChoice) drawing.onChoice(choice);
      this.dispatchEvent(new CustomEvent("choice", { detail: choice }));
    };
    this.drawing = renderItem(this, { ...drawing, onChoice });
  }

  /** Save a selection that waits for its save button. */
  commit() {
    return Boolean(this.drawing && this.drawing.commit());
  }
}

if (!customElements.get("kit-quiz")) customElements.define("kit-quiz", KitQuiz);
