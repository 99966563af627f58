import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** An HTTP answer in place of an upgrade. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers an upgrade request with a status and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = Buffer.from(refusal.body ?? STATUS_CODES[refusal.status] ?? "");
  const headers: Record<string, string> = {
    Connection: "close",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(body.byteLength),
    ...refusal.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head =
    `HTTP/1.1 ${refusal.status} ` +
    `${STATUS_CODES[refusal.status] ?? "Refused"}\r\n${lines.join("")}\r\n`;
  // HTTP sockets may be half-closed; destroying after the flush makes sure that nothing is left
  // open.
  socket.once("finish", () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(head, "latin1"), body]));
}
