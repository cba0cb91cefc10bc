/** What travels between service, kernel and page: shapes only, for the type check of the scripts. */

export type Language = "id" | "en";
export type Choice = string[];

export interface Option {
  option_id: string;
  text: string;
}

export interface Scenario {
  channel: string;
  from: string;
  text: string;
  image?: string | null;
  alt?: string | null;
}

export interface Item {
  item_id: string;
  kind: string;
  scenario: Scenario | null;
  stem: string;
  options: Option[];
  /** Several options may be chosen, where the item itself says so. */
  several?: boolean;
}

export interface Feedback {
  key: string[];
  rationale?: string | null;
  correct?: number | null;
}

/** An item to be drawn; with `feedback`, `split` or `readOnly` it is shown, else asked. */
export interface Drawing {
  item: Item;
  /** Option ids chosen so far. */
  choice?: Choice;
  language?: string;
  /** Never called with an empty choice. */
  onChoice?: (choice: Choice) => void;
  /** A multi or spot selection waits for its save button, or no longer. */
  onDraft?: (unsaved: boolean) => void;
  readOnly?: boolean;
  /** Draw key and rationale. */
  feedback?: Feedback | null;
  /** Draw how many chose each option. */
  split?: Record<string, number> | null;
  /** The address of a scenario's image. */
  asset?: (name: string) => string;
}

/** An item on its way onto the screen. */
export interface ItemView extends Required<Drawing> {
  words: any;
  id: string;
  draft: Set<string>;
  commit: () => boolean;
}

export interface PublicState {
  code: string;
  title: Record<string, string>;
  stage: string;
  version: number;
  audiences: string[];
  minors: boolean;
  /** Whether questions to the officer are taken now; whether the site had a session before. */
  questions: boolean;
  visited_before: boolean;
  rehearsal: boolean;
  office_contact: string;
  kept_days: number;
}

/** Who this phone is in a session. */
export interface Me {
  participant_id: string;
  token: string;
  personal_code: string;
}

export interface Response {
  choice: Choice;
  seq: number;
}

export interface Wave {
  wave: string;
  items: Item[];
  responses: Record<string, Response>;
  submitted: boolean;
  split?: Record<string, number> | null;
  language?: string;
  /** What practice told of the offers that were answered. */
  shown?: Record<string, PracticeShown>;
  plan?: Plan | null;
  /** Of ten decisions of the room, how many were right, by offer; offers that few have answered are left out. */
  room?: Record<string, number>;
}

export interface PracticeShown {
  key: string[];
  correct: number | null;
  rationale: string;
  letters: string[];
}

/** An if-then plan: its beginning, and how it was completed. */
export interface Plan {
  stem: string;
  chosen: string[];
}

/** One waiting answer; `item` is empty for the wish to finish a wave. */
export interface Entry extends Response {
  key: string;
  wave: string;
  item: string;
}

export type Scores = Record<string, { score: number; max: number }>;
export type OwnItem = Item & Feedback & { wave: string; choice: Choice; letters: string[] };

export interface OwnFeedback {
  scores: Scores;
  items: OwnItem[];
  plan: Plan | null;
}

/** A sentence in the reader's language, `{places}` filled. */
export type Say = (path: string, values?: Record<string, any>) => string;
export type Part = Node | string | null | undefined | false | Part[];
