import type { Socket } from "node:net";
import { silentServer } from "./silent-server.js";
import type { SilentServer } from "./silent-server.js";
import { parseRequest, switchingProtocols } from "./wire.js";

/** A server that accepts every upgrade and never says anything after that, nor closes anything. */
export interface MutePeer {
  readonly url: string;
  /** Upgrades so far. */
  readonly count: number;
  readonly gone: SilentServer["gone"];
}

export async function mutePeer(): Promise<MutePeer> {
  let count = 0;
  const accept = (socket: Socket, head: Buffer): void => {
    count++;
    socket.write(switchingProtocols(parseRequest(head.toString("latin1")), undefined));
    // It reads, so that it notices the end of the client.
    socket.resume();
  };
  const { port, gone } = await silentServer(accept);
  return {
    url: `ws://127.0.0.1:${port}/`,
    get count() {
      return count;
    },
    gone,
  };
}
