import { lookup as dnsLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { directConnector } from "oath-ws";
import type { DialPhase, Handshake, WsConnector, WsError } from "oath-ws";
import { nodeTimer } from "oath-ws/leaf";

type Events = Parameters<WsConnector["connect"]>[1];
type Opened = Parameters<Events["opened"]>[0];

/** What is dialled. */
export interface ProbeTarget {
  readonly handshake: Handshake;
  /** Certificates in PEM that are trusted instead of the platform's. */
  readonly ca: string | undefined;
}

/** How far a dial came, and when, in milliseconds after its start. */
export interface DialTimes {
  readonly phases: Map<DialPhase, number>;
  /** What the name was resolved to; empty for an address. */
  readonly addresses: string[];
}

/** One connection over the transport `"direct"`, with everything that happened on it counted. */
export class ProbedConnection {
  /** How often each was received. */
  readonly received = { frames: 0, bytes: 0, pings: 0 };
  /** The server's close frame; `undefined` before it came. */
  peerClose: { readonly code: number; readonly reason: string } | undefined;
  /** Resolves when the socket is gone, with the reason; `undefined` when we ended it. */
  readonly ended: Promise<WsError | undefined>;
  readonly #connection: Opened;
  readonly #onPong: Map<string, (at: number) => void>;

  private constructor(
    connection: Opened,
    ended: Promise<WsError | undefined>,
    onPong: Map<string, (at: number) => void>,
  ) {
    this.#connection = connection;
    this.ended = ended;
    this.#onPong = onPong;
  }

  get protocol(): string {
    return this.#connection.protocol;
  }

  /** The headers of the upgrade's answer, names in lower case. */
  get headers(): Readonly<Record<string, string>> {
    return this.#connection.headers;
  }

  /**
   * Dials once, and offers permessage-deflate. `times` is filled while it runs, so that a dial that
   * fails tells how far it came. Rejects as the connector does, or with the signal's reason.
   */
  static async dial(
    { handshake, ca }: ProbeTarget,
    times: DialTimes,
    signal: AbortSignal,
  ): Promise<ProbedConnection> {
    const leaf = directConnector({
      tls: ca === undefined ? {} : { ca },
      socket: { perMessageDeflate: true, lookup: notingLookup(times.addresses) },
    });
    let end: (error: WsError | undefined) => void = () => undefined;
    const ended = new Promise<WsError | undefined>((resolve) => (end = resolve));
    const pongs = new Map<string, (at: number) => void>();
    let made: ProbedConnection | undefined;
    const startedAt = nodeTimer.now();
    const events: Events = {
      opened: (connection) => (made = new ProbedConnection(connection, ended, pongs)),
      read: () => undefined,
      frame: (frame) => {
        if (made !== undefined) made.#frame(frame);
      },
      dropped: () => undefined,
      closed: (code, reason) => {
        const text = typeof reason === "string" ? reason : new TextDecoder().decode(reason);
        if (made !== undefined) made.peerClose = { code, reason: text };
      },
      ended: (error) => end(error),
    };
    await leaf.connect(handshake, events, {
      signal,
      onPhase: (phase, at) => times.phases.set(phase, at - startedAt),
    });
    if (made === undefined) throw new Error("the connector told of no connection");
    return made;
  }

  /**
   * Sends a ping.
   *
   * @returns the promise of the round trip in milliseconds; it never settles without a pong
   */
  ping(text: string): Promise<number> {
    const sentAt = nodeTimer.now();
    return new Promise((resolve) => {
      this.#onPong.set(text, (at) => resolve(at - sentAt));
      this.#send("ping", Buffer.from(text));
    });
  }

  /** Starts the closing handshake with code 1000. */
  close(): void {
    this.#connection.close(1000);
  }

  /** Drops the socket. */
  destroy(): void {
    this.#connection.destroy();
  }

  #frame({ kind, data }: Parameters<Events["frame"]>[0]): void {
    switch (kind) {
      case "text":
      case "binary":
        this.received.frames++;
        this.received.bytes += data.byteLength;
        break;
      case "ping":
        this.received.pings++;
        this.#send("pong", data);
        break;
      case "pong": {
        const text = Buffer.from(data).toString("latin1");
        this.#onPong.get(text)?.(nodeTimer.now());
        this.#onPong.delete(text);
        break;
      }
      default:
        kind satisfies never;
    }
  }

  /** A frame that does not leave shows as a missing answer, or as the end of the connection. */
  #send(kind: "ping" | "pong", data: Uint8Array): void {
    this.#connection.send({ kind, data }, { sent: () => undefined, failed: () => undefined });
  }
}

/** Resolves names as Node does, and notes the addresses. */
function notingLookup(addresses: string[]): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, options, (error, found: string | LookupAddress[], family) => {
      const all = Array.isArray(found) ? found : error === null ? [{ address: found }] : [];
      for (const { address } of all) if (!addresses.includes(address)) addresses.push(address);
      callback(error, found, family);
    });
  };
}
