// A desk of its own: an engine with sessions as a test wants them, and what it needs beside it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { open } from "./browser.js";
import { freePort, kill, start } from "./engine.js";

const initiator = (port) => ["BeginString=FIX.4.4", "ConnectionType=initiator", "HeartBtInt=30", "ReconnectInterval=1", "SocketConnectHost=127.0.0.1", `SocketConnectPort=${port}`];

/**
 * An engine and a page of it. `sessions(folder)` gives the lines of each session beside those of an initiator; `args` what is
 * added to the command, `onPort` what answers at the port of the counterparty.
 */
export async function openDesk(program, browser, { sessions = () => [["SenderCompID=TRADEDESK", "TargetCompID=EXCHANGE"]], args = [], fix, folder = mkdtempSync(path.join(os.tmpdir(), "page-")) } = {}) {
  const [api, port] = [await freePort(), fix ?? (await freePort())];
  const origin = `http://127.0.0.1:${api}`;
  const config = path.join(folder, "desk.cfg");
  writeFileSync(config, sessions(folder).map((lines) => `[SESSION]\n${[...initiator(port), ...lines].join("\n")}\n`).join(""));
  const begin = (url = "/healthz") => start(program, ["start", "--fix-config", config, "--api", `127.0.0.1:${api}`, ...args], `${origin}${url}`);
  const desk = { origin, folder, begin, engine: null };
  desk.engine = await begin();
  Object.assign(desk, await open(browser, origin));
  desk.close = async () => {
    await desk.context.close();
    await kill(desk.engine);
    rmSync(folder, { recursive: true, force: true });
  };
  return desk;
}
