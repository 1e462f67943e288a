// The parts of the engine, each with its state and a few words, from what /api/health and the sessions say.

import { bytes } from "../pure/numbers.js";
import { about, isLive } from "../store.js";

const STALE = 5000;
/** Of the journal's disk, in bytes. */
const LITTLE = 1e9;

export function partsOf(health, state, halts) {
  const own = [engine(), sessions(state), trading(halts), prices(state), exchange()];
  const told = health ? [journal(health), redis(health), disk(health), log(health)] : [];
  return [...own, ...told].filter(Boolean);
}

const part = (name, kind, word, text) => ({ name, kind, word, text });

function engine() {
  return isLive() ? part("Engine", "good", "running", `version ${about.known?.version ?? "?"}`) : part("Engine", "bad", "no link", "the page tries to connect");
}

function sessions(state) {
  const all = [...state.sessions.values()];
  const on = all.filter((one) => one.status === "LOGGED_ON").length;
  if (!all.length) return part("Sessions", "dim", "none", "the configuration names none");
  return part("Sessions", on === all.length ? "good" : "warn", `${on} of ${all.length} on`, on === all.length ? "all logged on" : "look at the Sessions view");
}

function trading(halts) {
  const halt = halts?.engine ?? halts?.redis ?? halts?.sessions?.[0];
  return halt ? part("Trading", "bad", "stopped", `by ${halt.by}${halt.reason ? `: ${halt.reason}` : ""}`) : part("Trading", "good", "allowed", "no halt is set");
}

function journal(health) {
  const { journal } = health;
  if (!journal) return part("Journal", "dim", "in memory", "nothing is kept over a restart: no FileStorePath");
  const isBad = journal.state && !["ok", "good"].includes(journal.state);
  const size = journal.bytes === undefined ? "" : bytes(journal.bytes);
  return part("Journal", isBad ? "bad" : "good", journal.state ?? "ok", [journal.folders > 1 ? `${journal.path} and ${journal.folders - 1} more` : journal.path, size].filter(Boolean).join(", "));
}

function redis(health) {
  const known = health.redis;
  if (!known) return part("Redis", "dim", "not used", "the mailbox is in this process");
  return part("Redis", known.connected ? "good" : "bad", known.connected ? "connected" : "no link", "the mailbox of orders and reports");
}

function prices(state) {
  if (!state.prices.length) return part("Prices", "dim", "none", "no source has said any");
  const old = state.prices.filter((quote) => Date.now() - Number(quote.time) > STALE || quote.stale === true);
  return old.length ? part("Prices", "warn", `${old.length} stale`, old.slice(0, 4).map((quote) => quote.symbol).join(", ")) : part("Prices", "good", "moving", `${state.prices.length} symbols`);
}

function disk(health) {
  const { disk } = health;
  if (!disk) return null;
  const isLow = disk.free < LITTLE;
  return part("Disk", isLow ? "warn" : "good", isLow ? "nearly full" : "ok", `${bytes(disk.free)} free${disk.path ? ` for ${disk.path}` : ""}`);
}

function log(health) {
  const lost = Number(health.logLinesDropped ?? 0);
  return lost ? part("Log", "bad", "loses lines", `${lost} so far`) : part("Log", "good", "ok", "no line was lost");
}

function exchange() {
  if (!about.known?.exchange) return null;
  return part("Exchange", "good", "running", "simulated, in this process");
}
