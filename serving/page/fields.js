// A field for each input, made of what `/schema` says of it. Texts are set as texts, never as HTML.

import { labelOf, shown, unitOf } from "./words.js";

// A list of more numbers would not be looked through.
const MOST_CODES = 200;
const LONGEST_TEXT = 500;
// A slider over a legal range this many times the usual one could not be aimed.
const WIDE = 10;
// So many steps lie on a slider at least.
const STEPS = 200;
const LEFT_OUT = "left out";

/** An element with properties and children. */
export function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * The field of an input.
 * @returns element: what is shown; read(): its value, undefined where it is left out;
 *     mark(text): what is wrong with it, "" for nothing.
 */
export function fieldOf(input, place) {
  const id = `input-${place}`;
  const { control, parts, read } = controlOf(input);
  control.id = id;
  const wrong = made("p", { className: "wrong", id: `${id}-wrong`, hidden: true });
  const note = made("p", { className: "note", id: `${id}-note`, textContent: noteOf(input) });
  control.setAttribute("aria-describedby", `${note.id} ${wrong.id}`);
  const label = made("label", { htmlFor: id, textContent: labelOf(input) });
  const element = made("div", { className: "field" }, label, made("div", { className: "control" }, ...parts), note, wrong);
  const mark = (text) => {
    wrong.textContent = text;
    wrong.hidden = !text;
    control.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { input, element, read, mark };
}

function noteOf(input) {
  const usual = input.typical && (input.minimum === null || input.maximum === null);
  const ends = usual ? ` Nine in ten: ${shown(input, input.typical.low)} to ${shown(input, input.typical.high)}.` : "";
  return input.meaning.replace(/\.?$/, ".") + ends;
}

function controlOf(input) {
  if (input.type === "text") return input.values ? choice(input, [...input.values].sort().map((v) => [v, v])) : text(input);
  const codes = codesOf(input);
  if (codes.length) return choice(input, codes.map((code) => [code, input.names?.[String(code)] ?? String(code)]));
  return number(input);
}

/** The whole numbers that stand for something, where all of them are known. */
function codesOf(input) {
  if (input.names) return Object.keys(input.names).map(Number).sort((a, b) => a - b);
  const { minimum: low, maximum: high } = input;
  if (!input.category || low === null || high === null || high - low > MOST_CODES) return [];
  return Array.from({ length: high - low + 1 }, (_, place) => low + place);
}

function choice(input, pairs) {
  const control = made("select");
  if (!input.required) control.append(new Option(LEFT_OUT, ""));
  const values = new Map(pairs.map(([value], place) => [String(place), value]));
  pairs.forEach(([value, name], place) => {
    const chosen = value === input.example;
    control.append(new Option(name, String(place), chosen, chosen));
  });
  return { control, parts: [control], read: () => values.get(control.value) };
}

function text(input) {
  const control = made("textarea", { rows: 1, maxLength: LONGEST_TEXT, value: input.example ?? "" });
  return { control, parts: [control], read: () => control.value.trim() || undefined };
}

function number(input) {
  const whole = input.type === "integer";
  const scale = unitOf(input)[1];
  const start = input.example ?? (input.required ? (input.typical?.median ?? input.minimum ?? 0) : null);
  // What a press of an arrow adds; other values may be typed all the same, and the API judges them.
  const control = made("input", { type: "number", step: stepOf(width(input) / scale, whole) });
  if (input.minimum !== null) control.min = input.minimum / scale;
  if (input.maximum !== null) control.max = input.maximum / scale;
  control.value = start === null ? "" : shown(input, start);
  // A value that the field can't show exactly stays until it is changed.
  const first = control.value;
  const read = () => {
    if (control.value === first) return start ?? undefined;
    if (control.value.trim() === "") return undefined;
    const value = Number(control.value) * scale;
    return whole && scale !== 1 ? Math.round(value) : value;
  };
  const ends = input.required ? sliderEnds(input, start) : null;
  if (!ends) return { control, parts: [control], read };
  return { control, parts: [slider(input, control, ends, start), control], read };
}

/** How far apart usual values lie, else legal ones; 0 where neither is known. */
function width({ minimum: low, maximum: high, typical }) {
  return (typical ? typical.high - typical.low : 0) || (low !== null && high !== null ? high - low : 0);
}

/** From where to where a slider goes: the legal range, or the usual one where that is far narrower. */
function sliderEnds(input, start) {
  const { minimum: low, maximum: high, typical } = input;
  if (low === null || high === null || low >= high) return null;
  const usual = typical ? typical.high - typical.low : 0;
  if (!usual || high - low <= WIDE * usual) return [low, high];
  const ends = [Math.min(start, typical.low - usual / 2), Math.max(start, typical.high + usual / 2)];
  return [Math.max(low, ends[0]), Math.min(high, ends[1])];
}

function slider(input, field, [low, high], start) {
  const scale = unitOf(input)[1];
  const step = stepOf((high - low) / scale, input.type === "integer");
  const range = made("input", { type: "range", min: low / scale, max: high / scale, step: "any", value: start / scale });
  range.setAttribute("aria-label", labelOf(input));
  range.addEventListener("input", () => {
    const near = Math.round(range.value / step) * step;
    field.value = String(Number(Math.min(Math.max(near, range.min), range.max).toPrecision(7)));
    if (input.type === "integer" && scale === 1) field.value = String(Math.round(field.value));
  });
  field.addEventListener("input", () => { range.value = field.value; });
  return range;
}

/** A round number that goes some two hundred times into a range; "any" where that has no width. */
function stepOf(wide, whole) {
  if (wide <= 0) return whole ? 1 : "any";
  const power = 10 ** Math.floor(Math.log10(wide / STEPS));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= wide / STEPS) ?? 10 * power;
  return whole ? Math.max(1, Math.round(step)) : step;
}
