// The programs that the page is tried with, on ports that nobody else has.

import { spawn } from "node:child_process";
import net from "node:net";

let next = process.pid * 97;

/**
 * A port that was free a moment ago: below those that the system gives to connections, one of which could take it
 * meanwhile, and given once.
 */
export async function freePort() {
  for (let tries = 0; tries < 20_000; tries += 1, next += 1) {
    const port = 10_000 + (next % 20_000);
    const server = net.createServer();
    const free = await new Promise((done) => server.once("error", () => done(false)).listen(port, "127.0.0.1", () => done(true)));
    if (!free) continue;
    next += 1;
    await new Promise((done) => server.close(done));
    return port;
  }
  throw new Error("no port of 127.0.0.1 is free");
}

const running = new Set();

/** Starts the program and waits until `url` answers. */
export async function start(program, args, url, environment = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.said = () => said;
  const until = Date.now() + 20_000;
  while (url && Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended:\n${said}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return child;
    await new Promise((done) => setTimeout(done, 50));
  }
  if (url) throw new Error(`${url} does not answer:\n${said}`);
  return child;
}

export async function kill(child) {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export async function post(origin, path, body) {
  const answer = await fetch(origin + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}
