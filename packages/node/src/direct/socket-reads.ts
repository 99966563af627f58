import { Buffer } from "node:buffer";
import type { OnReadOpts } from "node:net";
import type { Duplex } from "node:stream";
import { ownerOf } from "../leaf/owned-emitter.js";

/** As much as the kernel is asked for at a time. */
const READ_BYTES = 64 * 1024;

/**
 * The owner of a socket of {@link readShared}. It gets the first `length` bytes, which the next
 * read, of any socket, overwrites.
 */
export interface ReadReceiver {
  read(bytes: Buffer, length: number): void;
}

/** Made with the first connection. */
let shared: Buffer | undefined;

/**
 * Makes a socket that reads into memory which all sockets of the process share: what a read brings
 * is used up before the next one is made. Node would allocate 64 KiB for each, which costs more
 * than to copy out of here what is to be kept (ADR-0039).
 *
 * Until the socket has an owner the bytes come out of it as `'data'`, as if there were nothing
 * special about it: an HTTP response is read from it first.
 */
export function readShared<S extends Duplex>(connect: (onread: OnReadOpts) => S): S {
  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
  const socket = connect({ buffer, callback: (length) => read(socket, buffer, length) });
  return socket;
}

/** Returns whether to read on. */
function read(socket: Duplex, buffer: Buffer, length: number): boolean {
  const receiver = ownerOf<ReadReceiver>(socket);
  // What was read before the socket was owned comes first.
  if (receiver === undefined || socket.readableLength > 0)
    return socket.push(Buffer.from(buffer.subarray(0, length)));
  receiver.read(buffer, length);
  return true;
}
