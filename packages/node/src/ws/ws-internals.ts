import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { WebSocket } from "ws";
import { MessageInflate } from "../leaf/message-inflate.js";
import { receivedClose } from "../leaf/protocol-violation.js";
import type { ReceivedClose } from "../leaf/protocol-violation.js";
import type { WsDeflateOptions } from "../options/ws-connector-options.js";

/**
 * The parts of `ws` that its types do not show. Each use copes with their absence: what is lost
 * then is said there, and a test fails.
 */
interface Internals {
  readonly _receiver?: Receiver;
  readonly _extensions?: Readonly<Record<string, Extension | undefined>>;
}

/** Its parser. */
interface Receiver extends EventEmitter {
  /** The opcode of the frame that is being read. */
  readonly _opcode?: number;
  /** What was read and not parsed yet. */
  readonly _buffers?: readonly Buffer[];
  controlMessage?: (data: Buffer, done: (error?: Error) => void) => unknown;
}

/** Its permessage-deflate. */
interface Extension {
  readonly params?: Readonly<Record<string, unknown>>;
  decompress(data: Buffer, fin: boolean, done: Decompressed): void;
}

type Decompressed = (error: Error | null, message?: Buffer) => void;

const OPCODE_CLOSE = 8;
const EMPTY = Buffer.alloc(0);

function internals(ws: WebSocket): Internals {
  return ws as unknown as Internals;
}

/** The parser of an open socket; absent: a close frame is told of late, when TCP has ended too. */
export function receiverOf(ws: WebSocket): EventEmitter | undefined {
  return internals(ws)._receiver;
}

/**
 * Keeps the last close frame, also one that `ws` refuses, for it does not tell its code then.
 *
 * @returns gives the close frame that was refused, if its code can be read; to be asked in the turn
 *   of the refusal
 */
export function watchCloseFrames(ws: WebSocket): () => ReceivedClose | undefined {
  const receiver = internals(ws)._receiver;
  const parse = receiver?.controlMessage;
  if (receiver === undefined || parse === undefined) return () => undefined;
  let payload: Buffer | undefined;
  receiver.controlMessage = (data, done) => {
    if (receiver._opcode === OPCODE_CLOSE) payload = data;
    return parse.call(receiver, data, done);
  };
  return () => {
    if (receiver._opcode !== OPCODE_CLOSE) return undefined;
    if (payload !== undefined) return readClose(payload, payload.subarray(2));
    // Too long, and refused at its head: two bytes of a longer length come before the code. A
    // server has no use for the form with eight.
    return readClose(Buffer.concat(receiver._buffers ?? []).subarray(2), EMPTY);
  };
}

function readClose(payload: Buffer, reason: Buffer): ReceivedClose | undefined {
  return payload.length < 2 ? undefined : receivedClose(payload.readUInt16BE(0), reason);
}

/**
 * Puts {@link MessageInflate} in place of the decompression of `ws`, which drops what follows a
 * last block and takes a message that was cut off for a whole one.
 */
export function inflateWhole(
  ws: WebSocket,
  options: WsDeflateOptions,
  maxMessageBytes: number,
): void {
  const extension = internals(ws)._extensions?.["permessage-deflate"];
  if (extension === undefined) return;
  const inflating = new MessageInflate({
    zlib: options.zlibInflateOptions,
    maxMessageBytes,
    keepsContext: extension.params?.["server_no_context_takeover"] !== true,
  });
  let parts: Buffer[] = [];
  extension.decompress = (data, fin, done) => {
    parts.push(data);
    // Never in this turn: the parser would call for the next part inside of it.
    if (!fin) return process.nextTick(done, null, EMPTY);
    const [only = EMPTY] = parts;
    const message = parts.length > 1 ? Buffer.concat(parts) : only;
    parts = [];
    inflating.later(message, (error, inflated) => {
      if (error === undefined) return done(null, inflated);
      // Of an error that is not its own, `ws` does not know the code to close with.
      ws.close(error.closeCode);
      done(error);
    });
  };
}
