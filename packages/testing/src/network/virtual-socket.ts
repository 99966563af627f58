import type { ByteAddress, ByteSocket, ByteSocketEvents } from "@oath-ws/resilience/leaf";
import { NetworkError } from "./network-error.js";
import type { Pipe } from "./pipe.js";

/** What a {@link VirtualSocket} tells the connection that it is an end of. */
export interface VirtualSocketOwner {
  /** This end is over. `isReset`: its peer is to be reset. */
  closed(isReset: boolean): void;
  failed(code: string): void;
}

/** One end of a connection of the virtual network. */
export class VirtualSocket implements ByteSocket {
  readonly local: ByteAddress;
  readonly remote: ByteAddress;
  readonly #outgoing: Pipe;
  readonly #incoming: Pipe;
  readonly #owner: VirtualSocketOwner;
  #state: "open" | "failed" | "closed" = "open";
  /** Why writes fail, once a reset has come. */
  #broken: NetworkError | undefined;

  constructor(
    ends: { readonly local: ByteAddress; readonly remote: ByteAddress },
    pipes: { readonly outgoing: Pipe; readonly incoming: Pipe },
    owner: VirtualSocketOwner,
  ) {
    this.local = ends.local;
    this.remote = ends.remote;
    this.#outgoing = pipes.outgoing;
    this.#incoming = pipes.incoming;
    this.#owner = owner;
  }

  /** Whether the program that owns this end can still use it. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  get bufferedBytes(): number {
    return this.#outgoing.untakenBytes;
  }

  listen(events: ByteSocketEvents): void {
    this.#incoming.listen({
      data: (bytes) => events.data(bytes),
      ended: () => events.ended(),
      failed: (error) => {
        this.#fail(error);
        events.failed(error);
      },
    });
  }

  write(bytes: Uint8Array, taken: (error?: Error) => void): void {
    if (this.#state === "closed") return;
    if (this.#broken === undefined) return this.#outgoing.write(bytes, taken);
    this.#fail(this.#broken);
    taken(this.#broken);
  }

  pause(): void {
    if (this.#state === "open") this.#incoming.pause();
  }

  resume(): void {
    if (this.#state === "open") this.#incoming.resume();
  }

  end(): void {
    if (this.#state === "open" && this.#broken === undefined) this.#outgoing.end();
  }

  reset(): void {
    if (this.#state === "closed") return;
    this.#close(true);
  }

  destroy(): void {
    if (this.#state === "closed") return;
    this.#close(false);
  }

  /** The connection is over for this end; its owner notices when it reads or writes. */
  arriveError(code: string): void {
    if (this.#state !== "open" || this.#broken !== undefined) return;
    this.#broken = new NetworkError("write", code);
    this.#outgoing.failWrites(this.#broken);
    this.#incoming.arriveError(new NetworkError("read", code));
  }

  #close(isReset: boolean): void {
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    const leftUnread = this.#incoming.closeReader();
    const resets = wasOpen && this.#broken === undefined && (isReset || leftUnread);
    if (resets || this.#broken !== undefined) this.#outgoing.stop();
    else this.#outgoing.close();
    this.#owner.closed(resets);
  }

  #fail(error: Error): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#owner.failed(error instanceof NetworkError ? error.code : error.name);
  }
}
