import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** As much as the kernel is asked for at a time. */
const READ_BYTES = 64 * 1024;

/** Gets what one read brought: the first `length` bytes, which the next read, of any socket, overwrites. */
export type ReadReceiver = (bytes: Buffer, length: number) => void;

/** Made with the first connection. */
let shared: Buffer | undefined;

/**
 * The reads of one socket into memory that all sockets of the process share: what a read brings is used up before the next one is made. Node would
 * allocate 64 KiB for each, which costs more than to copy out of here what is to be kept (ADR-0040).
 *
 * Until {@link divert} the bytes come out of the socket as `'data'`, as if there were nothing special about it: an HTTP response is read from it first.
 */
export class SocketReads {
  /** For the options of `net.connect` or `tls.connect`. */
  readonly onread: { readonly buffer: Buffer; readonly callback: (length: number) => boolean };
  #socket: Socket | undefined;
  #receiver: ReadReceiver | undefined;

  constructor() {
    const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
    this.onread = { buffer, callback: (length) => this.#read(buffer, length) };
  }

  /** The socket that was made with {@link onread}. */
  set socket(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether it is this socket whose reads come through here. */
  isOf(stream: object): boolean {
    return this.#socket === stream;
  }

  /** From now on the reads go to `receiver`; what was read before still comes as `'data'`, and first. */
  divert(receiver: ReadReceiver): void {
    this.#receiver = receiver;
  }

  /** Returns whether to read on. */
  #read(buffer: Buffer, length: number): boolean {
    const socket = this.#socket;
    if (socket === undefined) return true;
    if (this.#receiver === undefined || socket.readableLength > 0) return socket.push(Buffer.from(buffer.subarray(0, length)));
    this.#receiver(buffer, length);
    return true;
  }
}
