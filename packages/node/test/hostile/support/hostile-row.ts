import type { ErrorKind, StackErrorCode } from "@oath-ws/contract";
import { directConnector } from "../../../src/direct/direct-connector.js";
import { wsConnector } from "../../../src/ws/ws-connector.js";
import type { WsSocketOptions } from "../../../src/options/ws-connector-options.js";
import type { Plain } from "../../support/connections.js";
import type { RawPeer } from "../../support/raw-server.js";

/** Every table is run over both. */
export const LEAVES = { ws: wsConnector, direct: directConnector } as const;
export type LeafName = keyof typeof LEAVES;
export const LEAF_NAMES = Object.keys(LEAVES) as LeafName[];

/** The fault that must be named. */
export interface Fault {
  readonly kind: ErrorKind;
  /** One of ours, or the platform's. */
  readonly code: StackErrorCode | (string & {});
  readonly status?: number;
  /** What of a broken close frame could be read. */
  readonly close?: { readonly code: number; readonly reason: string };
}

/** What becomes of the connection. */
export type Outcome =
  /** There is none. */
  | { readonly at: "handshake"; readonly fault: Fault; readonly verdict: "transient" | "permanent" }
  /**
   * It comes up, gives these frames, and is lost. `answer` is the code in our close frame; absent
   * when there is none to see.
   */
  | {
      readonly at: "frames";
      readonly frames: readonly Plain[];
      readonly fault: Fault;
      readonly answer?: number;
    }
  /** Odd, but sound: it comes up and gives these frames. */
  | { readonly at: "never"; readonly frames: readonly Plain[] };

/** A server that does not behave. */
export interface HostileRow {
  readonly name: string;
  /** All that it does to a connection. It may fail when the client leaves early. */
  readonly serve: (peer: RawPeer) => Promise<void>;
  readonly outcome: Outcome | Readonly<Record<LeafName, Outcome>>;
  readonly protocols?: readonly string[];
  readonly socket?: WsSocketOptions;
  readonly maxMessageBytes?: number;
}

/** Most rows have one outcome for both leaves. */
export function outcomeOf({ outcome }: HostileRow, leaf: LeafName): Outcome {
  return "at" in outcome ? outcome : outcome[leaf];
}

/** The limit where a row names none. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Lets the loop turn, so that what was written goes out by itself and not with what follows. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Writes the pieces, each in a segment of its own. */
export async function drip(peer: RawPeer, pieces: Iterable<string | Uint8Array>): Promise<void> {
  peer.socket.setNoDelay(true);
  for (const piece of pieces) {
    if (peer.socket.destroyed) return;
    peer.socket.write(piece);
    await turn();
  }
}
