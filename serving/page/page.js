// The page's course: ask what the inputs are, make the form, ask the model when something changes.

import { draw } from "./answer.js";
import { askModel, askSchema } from "./api.js";
import { fieldOf } from "./fields.js";
import { titleOf } from "./words.js";

const PAUSE = 250; // ms after a change, so that a slider on its way is not asked about
const RETRY = 3; // s
const at = (id) => document.getElementById(id);
let schema = null;
let fields = [];
let asked = 0;
let timer = 0;

function say(text) {
  at("state").textContent = text;
  at("state").hidden = !text;
  at("answer").classList.toggle("stale", Boolean(text));
}

function later(action, ms) {
  clearTimeout(timer);
  timer = setTimeout(action, ms);
}

/** What the fields hold; null where one is empty that has to be filled in. */
function rowOf() {
  const row = {};
  const empty = fields.filter((field) => {
    const value = field.read();
    if (value !== undefined) row[field.input.name] = value;
    return value === undefined && field.input.required;
  });
  fields.forEach((field) => field.mark(""));
  if (!empty.length) return row;
  say(`Fill in ${empty.map((field) => titleOf(field.input).toLowerCase()).join(", ")} to get an answer.`);
  return null;
}

async function ask() {
  const row = rowOf();
  const turn = ++asked;
  if (row === null) return;
  try {
    const answer = await askModel(row);
    if (turn !== asked) return; // Another question is on its way.
    draw(schema, answer);
    say("");
  } catch (problem) {
    if (turn !== asked) return;
    refuse(problem);
  }
}

function refuse(problem) {
  const others = (problem.errors ?? []).filter(({ field: name, message }) => {
    const field = fields.find((each) => each.input.name === name);
    field?.mark(message);
    return !field;
  });
  const marked = problem.errors?.length && !others.length;
  say(marked ? "No answer: see the fields in red." : `No answer: ${problem.message}`);
  if (problem.code === "starting" || problem.code === "not-ready" || problem.code === "unreachable") {
    later(ask, 1000 * (problem.wait || RETRY));
  }
}

function showForm() {
  document.title = schema.title;
  at("title").textContent = schema.title;
  at("lead").textContent = `Set the values of one ${schema.entity}; the answer follows each change.`;
  fields = schema.inputs.map(fieldOf);
  at("fields").replaceChildren(...fields.map((field) => field.element));
  at("ask").disabled = false;
  say("Asking the model …");
}

async function start() {
  try {
    schema = await askSchema();
  } catch (problem) {
    say(`The form can't be made: ${problem.message}`);
    later(start, 1000 * (problem.wait || RETRY));
    return;
  }
  showForm();
  await ask();
}

at("form").addEventListener("submit", (event) => { event.preventDefault(); later(ask, 0); });
at("form").addEventListener("change", () => later(ask, PAUSE));
await start();
