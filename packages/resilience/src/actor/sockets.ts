import type { ConnectionIdentity, WsError } from "@oath-ws/contract";
import type { Trace } from "../core/trace.js";
import type { DiallerOptions } from "./dialler.js";
import { Dialler } from "./dialler.js";
import { shutDown } from "./failures.js";
import type { Inbound } from "./inbound.js";
import type { Link } from "./link.js";
import type { Outbound } from "./outbound.js";
import type { SendQueue } from "./send-queue.js";
import type { Silence } from "./silence.js";

/** What {@link Sockets} are built from. */
export interface SocketsOptions extends DiallerOptions {
  readonly connection: ConnectionIdentity;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly sends: SendQueue;
  readonly silence: Silence;
}

/**
 * The sockets of a connection, and who is told of them: the open one, whose frames count, and the
 * attempt under way.
 */
export class Sockets {
  readonly #dialler: Dialler;
  readonly #trace: Trace;
  readonly #connection: ConnectionIdentity;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #sends: SendQueue;
  readonly #silence: Silence;
  #link: Link | undefined;

  constructor(options: SocketsOptions) {
    this.#dialler = new Dialler(options);
    this.#trace = options.trace;
    this.#connection = options.connection;
    this.#inbound = options.inbound;
    this.#outbound = options.outbound;
    this.#sends = options.sends;
    this.#silence = options.silence;
  }

  /** The open connection. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** The attempt under way. */
  get attempt(): Link | undefined {
    return this.#dialler.link;
  }

  /** Begins an attempt. See {@link Dialler.begin}. */
  dial(...args: Parameters<Dialler["begin"]>): void {
    this.#dialler.begin(...args);
  }

  /** The attempt under way has failed. */
  dialFailed(): void {
    this.#dialler.take();
  }

  /** Ends the attempt, if there is one. */
  giveUp(reason: WsError): void {
    this.#dialler.giveUp(reason);
  }

  /** The attempt's socket becomes the connection of `epoch`. Returns whether there is one. */
  adopt(epoch: number, endpoint: string, now: number): boolean {
    const link = this.#dialler.take();
    this.#link = link;
    this.#inbound.lastInboundAt = now;
    const connection = link?.adopt(epoch);
    if (connection === undefined) return false;
    const { tls } = this.#inbound;
    const attempt = link?.attempt ?? 0;
    this.#trace({ kind: "opened", at: now, attempt, epoch, endpoint, tls });
    this.#silence.opened(now);
    this.#outbound.opened(epoch, connection, now);
    return true;
  }

  /** What the socket had read is in the receive buffer already. */
  drop(error: WsError | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#outbound.ended(error);
    link.retire();
  }

  /** Begins the closing handshake of a shutdown. */
  hangUp(): void {
    this.#sends.shut(() => shutDown(this.#connection));
    const { code, reason } = this.#sends.closeFrame;
    this.#link?.hangUp(code, reason);
  }

  /** Ends a socket that works in favour of a new one, which may be open already. */
  letGo(error: WsError | undefined): void {
    const why = error?.message ?? "the connection is being replaced";
    if (this.attempt === undefined) this.#sends.letGo(why);
    else this.#sends.part(why);
    this.#link?.hangUp(1000, "");
  }
}
