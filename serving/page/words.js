// Names, figures and units as people write them.

// Units that people don't think in: what is shown instead, and how many of the one make one.
const SHOWN_UNITS = { ms: ["s", 1000] };
// Units that a label need not name.
const PLAIN_UNITS = ["share", "flag", "pitch class", "year"];

/** What an input is called, without a unit that it carries in its name. */
export function titleOf(input) {
  const end = `_${input.unit}`;
  const plain = input.unit && input.name.endsWith(end) ? input.name.slice(0, -end.length) : input.name;
  const words = plain.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Title and unit, and whether it may stay empty. */
export function labelOf(input) {
  const [unit] = unitOf(input);
  const shown = unit && !PLAIN_UNITS.includes(input.unit) ? ` (${unit})` : "";
  return titleOf(input) + shown + (input.required ? "" : ", optional");
}

/** The unit in which an input is shown, and how many of its own make one. */
export function unitOf(input) {
  const own = input.unit ?? "";
  const [unit, scale] = SHOWN_UNITS[own] ?? [own, 1];
  const most = input.typical ? input.typical.high : input.maximum;
  return most !== null && most < scale ? [own, 1] : [unit, scale];
}

/** A number of an input as it stands in a field: in the unit that is shown. */
export function shown(input, value) {
  return String(Number((value / unitOf(input)[1]).toPrecision(7)));
}

/** A value with its unit, for a sentence. */
export function told(input, value) {
  if (input.names) return input.names[String(Math.round(value))] ?? String(value);
  const [unit] = unitOf(input);
  const plain = !unit || PLAIN_UNITS.includes(input.unit);
  return plain ? shown(input, value) : `${shown(input, value)} ${unit}`;
}

/** A share in per cent: one decimal below 10, and never 0 or 100 where it is not. */
export function percent(share) {
  if (share > 0 && share < 0.001) return "below 0.1 %";
  if (share > 0.999 && share < 1) return "above 99.9 %";
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
