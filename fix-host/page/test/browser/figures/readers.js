// node readers.js PORT: light readers of the stream, which take what comes and look at nothing. A line `49` on standard
// input makes them so many; each answer is a line `COUNT BYTES`: how many there are, and what all have read so far.

import { randomBytes } from "node:crypto";
import net from "node:net";
import readline from "node:readline";

const port = Number(process.argv[2]);
const WISH = JSON.stringify({ op: "sub", topics: ["prices", "orders", "executions", "sessions", "health"] });
const readers = [];
let bytes = 0;

/** A short text frame of a client, which is masked (RFC 6455, 5.3); with a mask of zeros it stands as it is. */
function frame(text) {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

function connect() {
  return new Promise((done, failed) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("error", failed);
    socket.write(`GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`);
    socket.once("data", (answer) => {
      if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) return failed(new Error(answer.toString("latin1").split("\r\n")[0]));
      socket.write(frame(WISH));
      socket.on("data", (data) => (bytes += data.length));
      done(socket);
    });
  });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const wanted = Number(line);
  while (readers.length < wanted) readers.push(await connect());
  while (readers.length > wanted) readers.pop().destroy();
  console.log(`${readers.length} ${bytes}`);
}
process.exit(0);
