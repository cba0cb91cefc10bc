/** What this phone keeps: localStorage that never throws. */

/** Where the browser forbids storage, the page still works until it is closed. @type {Map<string, string>} */
const memory = new Map();

export const keep = {
  /** Whether what is kept outlives a reload. */
  lasts() {
    try {
      localStorage.setItem("kit.try", "1");
      localStorage.removeItem("kit.try");
      return true;
    } catch {
      return false;
    }
  },

  /** @param {string} key */
  get(key) {
    try {
      return localStorage.getItem(key) ?? memory.get(key) ?? null;
    } catch {
      return memory.get(key) ?? null;
    }
  },

  /**
   * @param {string} key
   * @param {string | number} value
   */
  set(key, value) {
    try {
      localStorage.setItem(key, String(value));
    } catch {
      memory.set(key, String(value));
    }
  },

  /** @param {string} key */
  drop(key) {
    memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      /* nothing was kept there */
    }
  },

  /** @param {string} prefix */
  keys(prefix) {
    /** @type {string[]} */
    let kept = [];
    try {
      kept = Object.keys(localStorage);
    } catch {
      /* only memory then */
    }
    return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(prefix));
  },
};
