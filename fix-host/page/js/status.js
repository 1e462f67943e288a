// The status bar: whether the stream runs, how fast it is painted, what the sessions sent.

import { byId, setClass, setText } from "./dom.js";
import { quantity, rate } from "./pure/numbers.js";
import { about, link, on, percentile, state, timing } from "./store.js";

let before = { bytes: 0, at: performance.now() };
let shownRate = 0;

export function startStatus() {
  on("second link", paint);
  on("prices orders", () => setText(byId("status-seq"), quantity(state.seq)));
  on("about", () => {
    setText(byId("status-mailbox"), about.known?.mailbox ?? "");
    setText(byId("status-version"), about.known?.version ? `version ${about.known.version}` : "");
  });
  paint();
}

function paint() {
  const now = performance.now();
  if (now - before.at > 900) {
    shownRate = ((link.bytes - before.bytes) * 1000) / (now - before.at);
    before = { bytes: link.bytes, at: now };
  }
  setText(byId("status-words"), { live: "stream live", lost: "no connection", connecting: "connecting" }[link.status]);
  setClass(byId("status-link"), link.status);
  setText(byId("status-rate"), rate(shownRate));
  setText(byId("status-resyncs"), String(link.resyncs + state.gaps));
  const recent = timing.painted.slice(-1000);
  setText(byId("status-paint"), recent.length ? `p99 ${percentile(recent, 0.99).toFixed(0)} ms` : "\u2013");
  let [sent, received] = [0, 0];
  for (const session of state.sessions.values()) {
    sent += Math.max(0, session.nextOut - 1);
    received += Math.max(0, session.nextIn - 1);
  }
  setText(byId("status-fix"), `out ${sent.toLocaleString("en")} in ${received.toLocaleString("en")}`);
}
