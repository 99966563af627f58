import { connect } from "node:net";
import type { Socket } from "node:net";
import type { WsSocketOptions } from "../../../src/options/ws-connector-options.js";

/**
 * Lets a test see the client's own sockets: how many bytes were read, and how many wait to be
 * written.
 */
export function clientSockets(): {
  readonly sockets: readonly Socket[];
  readonly createConnection: NonNullable<WsSocketOptions["createConnection"]>;
} {
  const sockets: Socket[] = [];
  return {
    sockets,
    createConnection: ({ host, port }: { host: string; port: number | string }) => {
      const socket = connect({ host, port: Number(port) });
      sockets.push(socket);
      return socket;
    },
  };
}

/** The most that Node reads in one go. */
export const READ_BYTES = 65_536;
