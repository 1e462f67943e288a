// The WebSocket to /api/stream: connects, goes on where it was, and says when the link is lost.

import { get } from "./api.js";
import { backOff, goOn } from "./pure/stream-state.js";
import { changed, chosen, link, on, receive, state } from "./store.js";

const TOPICS = ["prices", "orders", "executions", "sessions", "health"];
const OPTIONAL = ["health", "messages", "exchange", "depth", "trades"];
/** Those of the chosen symbol. */
const OF_SYMBOL = ["depth", "trades"];
/** Without a word for so long the link is lost: the engine says something each second. */
const SILENCE = 3000;
/** Between two questions for what was missed. */
const PATIENCE = 500;

const topics = new Set(TOPICS);
let socket = null;
let tries = 0;
let lastWord = 0;
let askedAgain = -Infinity;
let timer = 0;

export function connect() {
  clearTimeout(timer);
  if (socket) drop();
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/api/stream`);
  socket.onopen = subscribe;
  socket.onmessage = (event) => hear(event.data);
  socket.onclose = lose;
  lastWord = performance.now();
}

/** Another topic from now on, or no longer. */
export function want(topic, isWanted) {
  if (topics.has(topic) === isWanted) return;
  if (isWanted) topics.add(topic);
  else topics.delete(topic);
  // A snap that was on its way when it was no longer wanted is followed by nothing.
  state.places.delete(topic);
  subscribe();
}

/** Asks for the topics: what is known of them goes on where it is, the others are told whole. */
function subscribe() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const wish = { op: "sub", topics: [...topics] };
  if (isOfSymbol()) wish.symbol = chosen.symbol;
  const since = goOn(state, topics);
  if (since) wish.since = since;
  socket.send(JSON.stringify(wish));
}

const isOfSymbol = () => Boolean(chosen.symbol) && OF_SYMBOL.some((topic) => topics.has(topic));

/** What is known is of another symbol. */
function followSymbol() {
  if (!isOfSymbol()) return;
  for (const topic of OF_SYMBOL) state.places.delete(topic);
  subscribe();
}

function hear(text) {
  lastWord = performance.now();
  link.bytes += text.length;
  if (link.status !== "live") {
    tries = 0;
    say("live");
  }
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  if (frame.t === "error") return leaveOut(frame.error);
  if (receive(frame, lastWord) && lastWord - askedAgain > PATIENCE) {
    // What is on its way already follows the same hole: one question is enough.
    askedAgain = lastWord;
    link.resyncs += 1;
    subscribe();
  }
}

/** The engine refuses all of a wish for one topic that it does not have: what the page can do without is left out. */
function leaveOut(words) {
  const [, topic] = /unknown variant `(\w+)`/.exec(String(words)) ?? [];
  if (OPTIONAL.includes(topic) && topics.delete(topic)) subscribe();
  else console.error(`the stream: ${words}`);
}

function lose() {
  drop();
  if (link.status !== "lost") {
    say("lost");
    link.since = lastWord;
  }
  // An engine that is there, but lets this page in no more, says so to a request alone: that leads to the log-in.
  get("/api/about").catch(() => {});
  const wait = backOff(tries, Math.random());
  tries += 1;
  link.retryAt = performance.now() + wait;
  timer = setTimeout(connect, wait);
}

function drop() {
  if (!socket) return;
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.close();
  socket = null;
}

function say(status) {
  link.status = status;
  link.since = performance.now();
  changed("link");
}

/** Looks each second whether the engine still speaks. */
export function watch() {
  on("symbol", followSymbol);
  setInterval(() => {
    changed("second");
    if (document.hidden) return;
    if (link.status === "live" && performance.now() - lastWord > SILENCE) lose();
  }, 1000);
  // A page that comes back from the background tries at once.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && link.status === "lost") connect();
  });
  addEventListener("online", () => link.status === "lost" && connect());
}
