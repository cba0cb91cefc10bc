/** What the pages beside a session are given. */

import type { Item, Language } from "../types";

/** An offer that nobody is scored by, with its key and why, in both languages. */
export interface Practice {
  audiences: string[];
  item: Record<Language, Item>;
  key: string[];
  rationale: Record<Language, string>;
}

export interface Vacancy {
  job: Record<Language, string>;
  country: Record<Language, string>;
}

export interface Company {
  name: string;
  licence: "valid" | "ended";
  until: Record<Language, string>;
  vacancies: Vacancy[];
}

/** What somebody heard and may look up. */
export interface Wish extends Vacancy {
  name: string;
}
