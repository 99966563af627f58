import type { Duplex } from "node:stream";

/** The stream under a connection: of `node:net`, `node:tls`, or of a virtual network. */
export type WireSocket = Duplex & {
  readonly remoteAddress?: string | undefined;
  resetAndDestroy(): unknown;
};
