// The two calls that the page makes. Addresses are relative, for an API behind a path.

/** Why a call was not answered: a problem document, or no answer at all. */
export class Problem extends Error {
  constructor(detail, { errors = [], code = "", wait = 0 } = {}) {
    super(detail);
    this.errors = errors;
    this.code = code;
    this.wait = wait;
  }
}

/** The inputs, the names of answers, the words of the use case. */
export const askSchema = () => answered("schema");

/** What the model says of a row. */
export const askModel = (row) =>
  answered("predict?detail=true", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Source": "page" },
    body: JSON.stringify(row),
  });

async function answered(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Problem("The model can't be reached just now.", { code: "unreachable" });
  }
  let body;
  try {
    body = await response.json();
  } catch {
    body = { detail: `The answer was no JSON (status ${response.status}).` };
  }
  if (response.ok) return body;
  const wait = Number(response.headers.get("Retry-After")) || 0;
  throw new Problem(body.detail ?? response.statusText, { errors: body.errors, code: body.code, wait });
}
