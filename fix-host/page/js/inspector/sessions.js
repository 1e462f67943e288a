// Of several sessions the messages of one can be chosen: two lanes are for two parties.

import { el } from "../dom.js";
import { shortName } from "../pure/sessions.js";

/** `onChoose(session)`: what was offered, or null for all. */
export class SessionChoice {
  constructor(onChoose) {
    this.offered = [];
    this.select = el("select", { id: "inspect-session", "aria-label": "Session", hidden: true, on: { change: () => onChoose(this.chosen()) } });
    this.offer([]);
  }

  /** Offers these, as { name, text, ... }; what was chosen stays if it is among them. */
  offer(sessions) {
    const wanted = sessions.map(({ name }) => name).join("\n");
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    const before = this.chosen()?.name;
    this.offered = sessions;
    this.select.replaceChildren(el("option", { value: "", text: "All sessions" }), ...sessions.map(({ text }, place) => el("option", { value: String(place), text })));
    const place = sessions.findIndex(({ name }) => name === before);
    this.select.value = place < 0 ? "" : String(place);
    this.select.hidden = sessions.length < 2;
  }

  chosen() {
    return this.select.value === "" ? null : this.offered[Number(this.select.value)] ?? null;
  }
}

/** Those of messages that have one, by name. */
export function sessionsOf(messages) {
  const names = new Set(messages.map(({ session }) => session).filter(Boolean));
  return [...names].sort().map((name) => ({ name, text: shortName(name) }));
}
