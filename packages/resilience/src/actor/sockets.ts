import type { ConnectionIdentity, WsError } from "@oath-ws/contract";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
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
}

/** Who is told of the sockets. */
export interface SocketsOwner extends HeartbeatHooks {
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
  readonly #options: SocketsOptions;
  readonly #owner: SocketsOwner;
  #link: Link | undefined;

  constructor(options: SocketsOptions, owner: SocketsOwner) {
    this.#dialler = new Dialler(options, owner);
    this.#options = options;
    this.#owner = owner;
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
    this.#owner.inbound.lastInboundAt = now;
    const connection = link?.adopt(epoch);
    if (connection === undefined) return false;
    const { tls } = this.#owner.inbound;
    const attempt = link?.attempt ?? 0;
    this.#options.trace({ kind: "opened", at: now, attempt, epoch, endpoint, tls });
    this.#owner.silence.opened(now);
    this.#owner.outbound.opened(epoch, connection, now);
    return true;
  }

  /** What the socket had read is in the receive buffer already. */
  drop(error: WsError | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#owner.outbound.ended(error);
    link.retire();
  }

  /** Begins the closing handshake of a shutdown. */
  hangUp(): void {
    this.#owner.sends.shut(() => shutDown(this.#options.connection));
    const { code, reason } = this.#owner.sends.closeFrame;
    this.#link?.hangUp(code, reason);
  }

  /** Ends a socket that works in favour of a new one, which may be open already. */
  letGo(error: WsError | undefined): void {
    const why = error?.message ?? "the connection is being replaced";
    if (this.attempt === undefined) this.#owner.sends.letGo(why);
    else this.#owner.sends.part(why);
    this.#link?.hangUp(1000, "");
  }
}
