import type { Duplex } from "node:stream";

/** The stream under a connection: a `net.Socket`, a `tls.TLSSocket`, or one of a virtual network. */
export type WireSocket = Duplex & {
  readonly remoteAddress?: string | undefined;
  resetAndDestroy(): unknown;
};
