import type { Duplex } from "node:stream";
import type { ByteListener, ByteNetwork } from "@oath-ws/resilience/leaf";
import { ByteStream } from "./byte-stream.js";

/**
 * Accepts connections on a port of a network of the caller's, as Node streams: hand each to
 * `server.emit("connection", stream)` of an `http.Server`, or to anything that speaks over a
 * stream. 0 takes a free port. Throws `EADDRINUSE`.
 */
export function networkListen(
  network: ByteNetwork,
  port: number,
  accepted: (stream: Duplex) => void,
): ByteListener {
  return network.listen(port, (socket) => {
    const stream = new ByteStream({ allowHalfOpen: true });
    stream.connected(socket);
    accepted(stream);
  });
}
