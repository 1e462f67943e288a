// What the page knows, made from the frames of /api/stream. A frame changes the state and says which topics did.

const KEPT_EXECUTIONS = 2000;
const KEPT_MESSAGES = 5000;
/** Of orders that are over; those that work all stay. */
const KEPT_ORDERS = 5000;
/** The topics of which each row has its place, by the name that it has there. */
const KEYS = { orders: "clOrdID", sessions: "session" };
/** The topics that are told whole each time. */
const WHOLE = ["health", "exchange", "depth", "trades"];
/** So many more are let come before the oldest go, all at once. */
const MORE = 500;

export function emptyState() {
  return {
    boot: null,
    seq: 0,
    /** The topics that were told whole, and up to which number each is known. */
    places: new Map(),
    columns: {},
    prices: [],
    orders: new Map(),
    executions: [],
    /** The ids of the executions: one that comes again is not told twice. */
    reportIds: new Set(),
    sessions: new Map(),
    health: null,
    messages: [],
    exchange: null,
    /** The book and the trades of one symbol, as a counterparty tells of them. */
    depth: null,
    trades: null,
    gaps: 0,
  };
}

/**
 * Takes one frame into `state`. `changed` names the topics that are new, with `whole:` before it one that was told whole,
 * and `halted` where a session was halted or let go; `lost` is true where a frame is missing or
 * another process speaks: what is known must be asked for anew.
 */
export function take(state, frame) {
  const changed = new Set();
  switch (frame.t) {
    case "snap":
      if (state.boot !== null && frame.boot !== state.boot) forget(state);
      state.boot = frame.boot;
      state.seq = frame.seq;
      state.places.set(frame.topic, frame.seq);
      takeSnapshot(state, frame);
      changed.add(frame.topic).add(`whole:${frame.topic}`);
      break;
    case "d":
      if (frame.seq <= state.seq) return { changed, lost: false };
      // `seq` counts what the engine says to all pages; `after` is what this page must have had before.
      if (frame.after > state.seq) return { changed, lost: true };
      reached(state, frame.seq);
      takeDelta(state, frame, changed);
      break;
    case "hb":
      reached(state, frame.seq);
      break;
    case "gap":
      // Each topic is told whole behind it: until then it is known up to its old place.
      state.gaps += 1;
      if (Number.isFinite(frame.to)) state.seq = frame.to;
      changed.add("gap");
      break;
    default:
      break;
  }
  return { changed, lost: false };
}

/** All topics are known up to `seq`: those that are not yet are told whole before a frame that says so. */
function reached(state, seq) {
  if (!Number.isFinite(seq)) return;
  state.seq = seq;
  for (const topic of state.places.keys()) state.places.set(topic, seq);
}

/**
 * Where the stream goes on for a page that wants `topics`, as the `since` of its wish: what is known of each of those
 * that were told whole. Null where nothing is known. What comes twice by it is taken once.
 */
export function goOn(state, topics) {
  for (const topic of state.places.keys()) if (!topics.has(topic)) state.places.delete(topic);
  if (!state.places.size) return null;
  state.seq = Math.min(...state.places.values());
  return { boot: state.boot, seq: state.seq, topics: [...state.places.keys()] };
}

/** Another process: its orders are those of the journal, so nothing of the old one may stay. */
function forget(state) {
  const gaps = state.gaps;
  Object.assign(state, emptyState(), { gaps });
}

function takeSnapshot(state, frame) {
  const rows = frame.rows ?? [];
  switch (frame.topic) {
    case "prices":
      state.columns = Object.fromEntries((frame.cols ?? []).map((name, place) => [name, place]));
      state.prices = mergePrices(state, rows);
      break;
    case "executions":
      state.executions = oldestFirst(rows);
      state.reportIds = new Set(rows.map((row) => row.reportId));
      break;
    case "messages":
      state.messages = oldestFirst(rows);
      break;
    default:
      if (KEYS[frame.topic]) state[frame.topic] = new Map(rows.map((row) => [row[KEYS[frame.topic]], row]));
      if (WHOLE.includes(frame.topic)) state[frame.topic] = frame[frame.topic] ?? rows[0] ?? null;
  }
}

/** Snapshots of what has a time are told newest last here, however they came. */
function oldestFirst(rows) {
  const time = (row) => row?.time ?? row?.transactTime ?? null;
  const [first, last] = [time(rows[0]), time(rows[rows.length - 1])];
  return first !== null && last !== null && first > last ? [...rows].reverse() : [...rows];
}

function mergePrices(state, rows) {
  const old = new Map(state.prices.map((quote) => [quote.symbol, quote]));
  return rows.map((row) => {
    const quote = old.get(row[state.columns.symbol]) ?? { bidMove: 0, askMove: 0, moves: 0 };
    return takeQuote(quote, row, state.columns);
  });
}

/** What the values of a delta's row are, after its index; those at the end are left out where nothing changed. */
const DELTA = ["bid", "ask", "time", "vwap", "last", "stale"];

function takeDeltaRow(quote, values) {
  return takeQuote(quote, values, Object.fromEntries(DELTA.map((name, place) => [name, place])));
}

/** Writes a row of prices into `quote`, and which way bid and ask moved. */
function takeQuote(quote, row, columns) {
  const before = { bid: quote.bid, ask: quote.ask };
  for (const [name, place] of Object.entries(columns)) if (place < row.length) quote[name] = row[place];
  quote.bidMove = move(before.bid, quote.bid);
  quote.askMove = move(before.ask, quote.ask);
  quote.moves += 1;
  return quote;
}

function move(before, now) {
  if (before === undefined || before === null || now === null || now === undefined) return 0;
  return Math.sign(Number(now) - Number(before));
}

function takeDelta(state, frame, changed) {
  for (const [index, ...values] of frame.prices ?? []) {
    const quote = state.prices[index];
    if (!quote) continue;
    takeDeltaRow(quote, values);
    quote.isNew = true;
    changed.add("prices");
  }
  for (const [topic, key] of Object.entries(KEYS)) {
    for (const row of frame[topic] ?? []) {
      if (topic === "sessions" && state.sessions.get(row.session)?.halted?.since !== row.halted?.since) changed.add("halted");
      state[topic].set(row[key], row);
      changed.add(topic);
    }
  }
  if (state.orders.size > KEPT_ORDERS + MORE) dropOrders(state.orders);
  append(state, frame, "executions", KEPT_EXECUTIONS, changed);
  append(state, frame, "messages", KEPT_MESSAGES, changed);
  for (const topic of WHOLE) {
    if (frame[topic] === undefined) continue;
    state[topic] = frame[topic];
    changed.add(topic);
  }
}

function append(state, frame, topic, most, changed) {
  if (!frame[topic]?.length) return;
  for (const row of frame[topic]) {
    if (row.reportId && state.reportIds.has(row.reportId)) continue;
    // Messages have growing numbers.
    if (topic === "messages" && row.id <= state.messages.at(-1)?.id) continue;
    if (row.reportId) state.reportIds.add(row.reportId);
    if (row.time === undefined) row.heardAt = Date.now();
    state[topic].push(row);
  }
  if (state[topic].length > most + MORE) {
    for (const row of state[topic].splice(0, state[topic].length - most)) state.reportIds.delete(row.reportId);
  }
  changed.add(topic);
}

/** Drops the oldest orders that are over, but for those that one which works has replaced: they are in its row. */
function dropOrders(orders) {
  const needed = new Set();
  for (const row of orders.values()) {
    if (!row.working) continue;
    for (let id = row.clOrdID; id && !needed.has(id); id = orders.get(id)?.origClOrdID) needed.add(id);
  }
  let most = orders.size - needed.size - KEPT_ORDERS;
  for (const id of orders.keys()) {
    if (most <= 0) return;
    if (needed.has(id)) continue;
    orders.delete(id);
    most -= 1;
  }
}

/** The wait before try number `tries` to connect, in milliseconds: doubled, at most 5 s, with some chance in it. */
export function backOff(tries, chance) {
  return Math.min(5000, 250 * 2 ** Math.min(tries, 6)) * (0.75 + 0.5 * chance);
}
