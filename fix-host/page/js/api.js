// Requests to the engine. An answer that is no success becomes an error with the engine's own words.

export class ApiError extends Error {
  constructor(status, text, body) {
    super(text);
    this.status = status;
    this.body = body;
  }

  /** The path is not served by this engine. */
  get isMissing() {
    return this.status === 404 || this.status === 405;
  }
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new ApiError(0, "No connection to the engine.", null);
  }
  const text = await answer.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = null;
  }
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new ApiError(answer.status, body?.error ?? `The engine answered ${answer.status}.`, body);
  return body;
}

export const get = (path) => ask(path);

export function post(path, body) {
  const json = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers: json, body: JSON.stringify(body ?? {}) });
}

export const inPath = encodeURIComponent;
