import type { OnReadOpts } from "node:net";
import { Duplex } from "node:stream";
import type { ByteSocket } from "@oath-ws/resilience/leaf";

/** How a {@link ByteStream} begins. */
export interface ByteStreamOptions {
  /** Whether our side stays open when the peer has ended its own. */
  readonly allowHalfOpen: boolean;
  /** Gets what is read in place of the stream's reader, as with `net.connect`. */
  readonly onread?: OnReadOpts | undefined;
  /** Called when the stream is destroyed before it has a socket. */
  readonly onAbandoned?: (() => void) | undefined;
}

/**
 * A Node stream over a {@link ByteSocket}, with what Node's HTTP and the transports use of a
 * `net.Socket`. It has no timers and does no I/O of its own.
 */
export class ByteStream extends Duplex {
  #socket: ByteSocket | undefined;
  readonly #onread: OnReadOpts | undefined;
  readonly #onAbandoned: (() => void) | undefined;
  /** What waits for the socket. */
  #whenConnected: (() => void) | undefined;
  #resets = false;
  /** Where the next bytes go, as `onread` last said. */
  #target: Uint8Array | undefined;

  constructor({ allowHalfOpen, onread, onAbandoned }: ByteStreamOptions) {
    super({ allowHalfOpen });
    this.#onread = onread;
    this.#onAbandoned = onAbandoned;
  }

  get connecting(): boolean {
    return this.#socket === undefined && !this.destroyed;
  }

  get remoteAddress(): string | undefined {
    return this.#socket?.remote.address;
  }

  get remotePort(): number | undefined {
    return this.#socket?.remote.port;
  }

  get localAddress(): string | undefined {
    return this.#socket?.local.address;
  }

  get localPort(): number | undefined {
    return this.#socket?.local.port;
  }

  /** Gives it the socket, in the turn in which that was opened. Emits `connect`. */
  connected(socket: ByteSocket): void {
    if (this.destroyed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    socket.listen({
      data: (bytes) => {
        if (!this.#received(bytes)) socket.pause();
      },
      ended: () => void this.push(null),
      failed: (error) => this.destroy(error),
    });
    this.emit("connect");
    this.#whenConnected?.();
    this.#whenConnected = undefined;
  }

  /** Ends it with a TCP reset, as `net.Socket` does. */
  resetAndDestroy(): this {
    this.#resets = true;
    return this.destroy();
  }

  /** With `onread` the stream's own flow has nothing to stop, as with `net.Socket`. */
  override pause(): this {
    if (this.#onread !== undefined) this.#socket?.pause();
    return super.pause();
  }

  override resume(): this {
    if (this.#onread !== undefined) this.#socket?.resume();
    return super.resume();
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#write(chunk, done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
    this.#write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#connectedThen((socket) => {
      socket.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#whenConnected = undefined;
    if (this.#socket === undefined) this.#onAbandoned?.();
    else if (this.#resets) this.#socket.reset();
    else this.#socket.destroy();
    done(error);
  }

  /** Returns whether to read on. */
  #received(bytes: Uint8Array): boolean {
    const { buffer, byteOffset, length } = bytes;
    if (this.#onread === undefined) return this.push(Buffer.from(buffer, byteOffset, length));
    const onread = this.#onread;
    const next = (): Uint8Array =>
      typeof onread.buffer === "function" ? onread.buffer() : onread.buffer;
    let goesOn = true;
    for (let at = 0; at < length && !this.destroyed; ) {
      const target = (this.#target ??= next());
      const part = bytes.subarray(at, at + target.length);
      target.set(part);
      goesOn = onread.callback(part.length, target);
      this.#target = next();
      at += part.length;
    }
    return goesOn;
  }

  #write(bytes: Buffer, done: Done): void {
    this.#connectedThen((socket) => socket.write(bytes, (error) => done(error ?? null)));
  }

  #connectedThen(run: (socket: ByteSocket) => void): void {
    const socket = this.#socket;
    if (socket !== undefined) return run(socket);
    this.#whenConnected = () => this.#connectedThen(run);
  }
}

type Done = (error?: Error | null) => void;
