// What the model says, drawn: the verdict, a bar for each class, and how far to trust it.

import { made } from "./fields.js";
import { percent, titleOf, told } from "./words.js";

const at = (id) => document.getElementById(id);

/** Draw an answer. */
export function draw(schema, answer) {
  const classes = classesOf(schema, answer);
  const verdict = verdictOf(schema, answer);
  at("verdict").textContent = verdict;
  const of = schema.classes?.length > 2 ? String(answer[schema.output]) : schema.positive;
  at("chance").textContent = `${percent(answer.probability)} probability of being ${of}`;
  at("bars").replaceChildren(...classes.map(bar));
  at("threshold").textContent = thresholdOf(schema, answer);
  at("notes").replaceChildren(...notesOf(schema, answer).map((text) => made("li", { textContent: text })));
  at("caution").textContent = cautionOf(schema);
  at("model").textContent = `Answered by version ${answer.model.version} of ${answer.model.name}.`;
  const own = classes.find((each) => each.answered).share;
  at("short").textContent = `${verdict}: ${percent(own)}`;
  at("generated").textContent = answer.model.generated ? generatedOf(schema) : "";
  at("generated").hidden = !answer.model.generated;
  for (const id of ["said", "short"]) at(id).hidden = false;
}

/** The classes in their order, each with its probability. */
function classesOf(schema, answer) {
  if (schema.classes) {
    return schema.classes.map((name) => (
      { name, share: answer.probabilities[name], answered: name === answer[schema.output] }
    ));
  }
  const yes = answer[schema.output] === 1;
  return [
    { name: schema.positive, share: answer.probability, answered: yes },
    { name: `not ${schema.positive}`, share: 1 - answer.probability, answered: !yes },
  ];
}

function verdictOf(schema, answer) {
  if (schema.classes) return String(answer[schema.output]);
  return `${answer[schema.output] === 1 ? "Likely" : "Not likely"} ${schema.positive}`;
}

function bar({ name, share, answered }) {
  const filled = made("div", { className: "filled" });
  filled.style.width = `${100 * share}%`;
  const row = made(
    "div", { className: answered ? "bar answered" : "bar" },
    made("span", { className: "name", textContent: name }),
    made("div", { className: "lane" }, filled),
    made("span", { className: "share", textContent: percent(share) }),
  );
  row.querySelector(".lane").setAttribute("aria-hidden", "true");
  return row;
}

function thresholdOf(schema, answer) {
  if (answer.threshold === null) return "";
  return `From ${percent(answer.threshold)} on the model says ${schema.positive}.`;
}

/** What the training has not seen of this row. */
function notesOf(schema, answer) {
  const named = new Map(schema.inputs.map((input) => [input.name, input]));
  const unknown = answer.unknown.map((name) => (
    `The training has not seen this ${titleOf(named.get(name)).toLowerCase()}; the answer does without it.`
  ));
  const outside = Object.entries(answer.outside).map(([name, [low, high]]) => {
    const input = named.get(name);
    return `${titleOf(input)}: the training has seen ${told(input, low)} to ${told(input, high)}; beyond, this is a guess.`;
  });
  return [...unknown, ...outside];
}

function cautionOf(schema) {
  const several = schema.classes?.length > 2;
  const alike = several ? "what each class looks like" : `which ${schema.many} resemble ${schema.positive} ones`;
  const note = schema.note ?? `Another value asks it about another ${schema.entity}; it changes none.`;
  return `Association, not cause: the model knows ${alike}. ${note}`;
}

function generatedOf(schema) {
  const about = schema.about ?? `real ${schema.many}`;
  return `Trained on generated ${schema.many}: it shows how Hitcast works and tells nothing about ${about}.`;
}
