// What a person tells the exchange to do, and what became of it.

import { post } from "../api.js";
import { changed } from "../store.js";

/** What was done from this page, oldest first, as { time, what, said, error }. */
export const done = [];

/** Does `name` with `body`; null when it is done, else why not. `sayDone(answer)` says more of it than that. */
export async function command(name, body, what, sayDone = () => "done") {
  let [said, error] = [null, null];
  try {
    said = sayDone(await post(`/api/exchange/${name}`, body));
  } catch (problem) {
    error = problem.message;
  }
  done.push({ time: Date.now(), what, said, error });
  if (done.length > 200) done.shift();
  changed("by-hand");
  return error;
}
