import type { Duplex } from "node:stream";
import type { Timer } from "@oath-ws/contract";
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

/** A machine: its network, and its clocks. */
export type Machine = ByteNetwork & { readonly timer: Timer };

/** See {@link networkPlatform}. */
export interface NetworkPlatform {
  readonly timer: Timer;
  listen(port: number, accepted: (stream: Duplex) => void): ByteListener;
}

/**
 * What the simulators of `@oath-ws/sim` take as option `platform`, to run on a machine of the
 * caller's: a host of the `VirtualNetwork` of `@oath-ws/testing`, say. Give them the machine's name
 * as `host`, which their URLs contain.
 */
export function networkPlatform(machine: Machine): NetworkPlatform {
  return {
    timer: machine.timer,
    listen: (port, accepted) => networkListen(machine, port, accepted),
  };
}
