import { Buffer } from "node:buffer";
import type { OnReadOpts } from "node:net";
import type { Duplex } from "node:stream";
import { ownerOf } from "../leaf/owned-emitter.js";

/** As much as the kernel is asked for at a time, unless more of one payload is missing. */
export const READ_BYTES: number = 64 * 1024;

/**
 * The owner of a socket of {@link readShared}. It gets the first `length` bytes, which the next
 * read, of any socket, overwrites.
 */
export interface ReadReceiver {
  read(bytes: Buffer, length: number): void;
  /**
   * Where the next bytes belong, if they all belong into one payload and there is much of it left.
   * The socket is then read into this memory, and {@link filled} is called in place of `read`.
   */
  readonly room: Buffer | undefined;
  /** The first `length` bytes of {@link room} were read. */
  filled(length: number): void;
}

/** Made with the first connection. */
let shared: Buffer | undefined;

/**
 * What the socket whose bytes are being handled reads into next. One variable serves all sockets:
 * Node asks for it right after the callback that set it.
 */
let next: Buffer | undefined;

/**
 * Makes a socket that reads into memory which all sockets of the process share: what a read brings
 * is used up before the next one is made. Node would allocate 64 KiB for each, which costs more
 * than to copy out of here what is to be kept (ADR-0039). The rest of a large payload is read
 * straight into its own memory, in fewer and larger reads (ADR-0064).
 *
 * Until the socket has an owner the bytes come out of it as `'data'`, as if there were nothing
 * special about it: an HTTP response is read from it first.
 */
export function readShared<S extends Duplex>(connect: (onread: OnReadOpts) => S): S {
  const socket = connect({
    buffer: nextMemory,
    callback: (length, bytes) => read(socket, bytes as Buffer, length),
  });
  return socket;
}

function nextMemory(): Buffer {
  const memory = next ?? (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
  next = undefined;
  return memory;
}

/** Returns whether to read on. */
function read(socket: Duplex, bytes: Buffer, length: number): boolean {
  const receiver = ownerOf<ReadReceiver>(socket);
  // What was read before the socket was owned comes first.
  if (receiver === undefined || socket.readableLength > 0)
    return socket.push(Buffer.from(bytes.subarray(0, length)));
  if (bytes === shared) receiver.read(bytes, length);
  else fill(socket, receiver, length);
  next = receiver.room;
  return true;
}

/**
 * A payload that is complete has been given away. If its receiver throws, Node does not ask for
 * other memory and would read the next bytes into this payload, so the socket has to end.
 */
function fill(socket: Duplex, receiver: ReadReceiver, length: number): void {
  let isDone = false;
  try {
    receiver.filled(length);
    isDone = true;
  } finally {
    if (!isDone) socket.destroy();
  }
}
