// A counterparty of few words: it lets a session log on, and says what a test wants.

import net from "node:net";
import { once } from "node:events";
import { right } from "../decoder-of.js";

/** Listens at a free port. It answers a Logon, and then logs out with `text`; all later ones are not answered. */
export async function logsOutWith(text) {
  let times = 0;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      if (!data.includes("\u000135=A\u0001") || (times += 1) > 1) return;
      const time = new Date().toISOString().replaceAll("-", "").replace("T", "-").replace("Z", "");
      const says = (number, body) => socket.write(right("FIX.4.4", `${body.split("|")[0]}|49=EXCHANGE|56=TRADEDESK|34=${number}|52=${time}|${body.split("|").slice(1).join("|")}`), "latin1");
      says(1, "35=A|98=0|108=30|");
      says(2, `35=5|58=${text}|`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, close: () => server.close() };
}
