/**
 * A model of the official register, to practise looking a company up where there is no internet. Its companies are
 * invented and it says so; nothing typed here leaves the phone.
 *
 * @import { Company, Vacancy } from "./types"
 */

import { h } from "../element.js";
import { speak } from "../later/aloud.js";
import { page } from "../link/page.js";
import { drawFrame, leaveFor } from "../screens/buttons.js";
import { addWords, show, strip, t, view } from "../screens/frame.js";
import { REGISTER } from "./companies.js";
import { ALONE_WORDS } from "./words.js";

/** What was looked up last; null before the first time. @type {?string} */
let sought = null;

/** A name as it is compared: no PT, no signs, one case. @param {string} name */
function plain(name) {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, " ");
  return words.replace(/^ *pt /, "").trim();
}

function language() {
  return page.language === "en" ? "en" : "id";
}

/** @param {Vacancy} vacancy */
function vacancyWords({ job, country }) {
  return `${job[language()]}, ${country[language()]}`;
}

/** @param {Company} company */
function found(company) {
  const ended = company.licence === "ended";
  return h(
    "section",
    { class: "card" },
    h("h2", null, company.name),
    ended ? strip(`! ${t("register.ended")}`, "warn") : strip(`✓ ${t("register.valid")}`, "good"),
    h("p", null, t(ended ? "register.until_ended" : "register.until_valid", { day: company.until[language()] })),
    h("h3", null, t("register.vacancies")),
    company.vacancies.length
      ? h(
          "ul",
          null,
          company.vacancies.map((vacancy) => h("li", null, vacancyWords(vacancy))),
        )
      : h("p", null, t("register.no_vacancies")),
    h("p", { class: "aside" }, t(ended ? "register.ended_advice" : "register.valid_advice")),
  );
}

/** @param {string} name */
function result(name) {
  const wanted = plain(name);
  if (!wanted) return [h("p", null, t("register.empty"))];
  const exact = REGISTER.companies.filter((company) => plain(company.name) === wanted);
  if (exact.length) return exact.map(found);
  const near = REGISTER.companies.filter((company) => plain(company.name).includes(wanted));
  return [
    h(
      "section",
      { class: "card" },
      h("h2", null, name),
      strip(`✗ ${t("register.missing")}`, "warn"),
      near.length > 0 && h("p", null, t("register.near", { names: near.map((one) => one.name).join(", ") })),
      h("p", null, t("register.missing_advice")),
    ),
  ];
}

function draw() {
  const input = h("input", { id: "sought", type: "search", autocomplete: "off", spellcheck: "false", maxlength: 80 });
  input.value = sought || "";
  const results = h("div", { role: "status" }, sought === null ? null : result(sought));
  const look = (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = input.value.trim();
    sought = name;
    results.textContent = "";
    results.append(...result(name));
  };
  show(
    "register",
    strip(t("register.model"), "warn"),
    h("h1", null, t("register.title")),
    h(
      "form",
      { class: "seek", role: "search", onsubmit: look },
      h("label", { for: "sought" }, t("register.label")),
      input,
      h("button", { class: "button" }, t("register.seek")),
    ),
    results,
    h("h2", null, t("register.task")),
    h("p", null, t("register.task_help")),
    h(
      "ul",
      null,
      REGISTER.wishes.map((wish) => h("li", null, h("b", null, wish.name), `: ${vacancyWords(wish)}`)),
    ),
    h("p", { class: "aside" }, t("register.real")),
  );
}

addWords(ALONE_WORDS);
drawFrame(() => leaveFor(new URL("blank.html", import.meta.url).href), speak);
view.again = draw;
draw();
