import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTIONS, isOffered, measuredTrip, sessionState, shortName, silence, targetOf, why } from "../js/pure/sessions.js";

const ON = { session: "FIX.4.4:TRADEDESK->EXCHANGE", status: "LOGGED_ON", phase: "logged on", since: 1000, nextIn: 10, nextOut: 20, heartBtInt: 30, lastReceived: 1060, gap: null, resending: false, staysOut: false, detail: "logged on", halted: null };
const OFF = { ...ON, status: "LOGGED_OFF", phase: "not connected", detail: "nothing listens at 127.0.0.1:9876" };

test("the state of a session in words", () => {
  const words = (change) => sessionState({ ...ON, ...change })[1];
  assert.equal(words({}), "LOGGED ON");
  assert.equal(words({ gap: { begin: 5, end: 9 } }), "GAP: 5 missing");
  assert.equal(words({ resending: true }), "RESENDING");
  assert.equal(sessionState(OFF)[1], "NOT CONNECTED");
  assert.equal(sessionState({ ...OFF, staysOut: true })[1], "LOGGED OUT");
  assert.equal(sessionState({ ...OFF, phase: "Logon sent" })[1], "LOGGING ON");
  assert.equal(sessionState({ ...OFF, detail: "out of its schedule" })[1], "OUT OF SCHEDULE");
});

test("each state says why", () => {
  assert.equal(why(ON, 1_060_000), "since 00:16:40, 60 s");
  assert.equal(why(OFF, 0), "nothing listens at 127.0.0.1:9876");
  assert.match(why({ ...OFF, staysOut: true }, 0), /by an operator/);
  assert.match(why({ ...ON, halted: { by: "alice", reason: "lunch" } }, 0), /stopped by alice: lunch/);
});

test("names and silence", () => {
  assert.equal(shortName(ON.session), "TRADEDESK \u2192 EXCHANGE");
  assert.equal(targetOf(ON.session), "EXCHANGE");
  assert.equal(silence(ON, 1_066_000).seconds, 6);
  assert.equal(silence(OFF, 0).seconds, null);
});

test("only what makes sense is offered", () => {
  const offered = (view) => ACTIONS.filter((action) => isOffered(action, view)).map((action) => action.name);
  assert.deepEqual(offered({ ...ON, testRequest: null }), ["logout", "test-request", "reset", "seqnum"]);
  assert.deepEqual(offered(ON), ["logout", "reset", "seqnum"], "where no TestRequest is told");
  assert.deepEqual(offered(OFF), ["logon", "reset", "seqnum"]);
});

test("a round trip says how long, when, and that there is no answer", () => {
  const trip = (change) => measuredTrip({ everySeconds: 5, ms: null, sent: null, unansweredSince: null, ...change });
  assert.equal(trip({}), "no answer yet, measured each 5 s");
  assert.equal(trip({ ms: 0.4321, sent: 1000 }), "0.43 ms (00:16:40 UTC), measured each 5 s");
  assert.equal(trip({ ms: 0.4321, sent: 1000, unansweredSince: 1005 }), "no answer since 00:16:45 UTC, before that 0.43 ms (00:16:40 UTC), measured each 5 s");
  assert.equal(trip({ unansweredSince: 1005 }), "no answer since 00:16:45 UTC, measured each 5 s");
  assert.match(measuredTrip(null), /RoundTripInterval=10/);
  assert.equal(measuredTrip(undefined), null, "an exchange alone tells nothing of the kind");
});
