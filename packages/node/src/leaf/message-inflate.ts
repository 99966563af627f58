import { Buffer } from "node:buffer";
import { inflateRaw, inflateRawSync } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import { ProtocolViolation, tooBig } from "./protocol-violation.js";
import { trimmed } from "./shared-memory.js";

/** What the sender cut off the end of the message (RFC 7692 section 7.2.1). */
const CUT_OFF = Buffer.from([0x00, 0x00, 0xff, 0xff]);

const MARKER = Buffer.from("\u00e9oath\u00e8", "latin1");

/**
 * Goes in place of {@link CUT_OFF}. A whole message ends inside the head of an empty stored block.
 * Here that block holds a marker, and an empty last block follows. If the marker is not what comes
 * out at the end, then the message was cut off in the middle of a block.
 */
const ENDING = Buffer.from([MARKER.length, 0, 0xff - MARKER.length, 0xff, ...MARKER, 0x03, 0x00]);

/** The same for a sender that left {@link CUT_OFF} in place: the head of the block is added. */
const ENDING_AFTER_BLOCK = Buffer.from([0x00, ...ENDING]);

/** As far back as a message may refer to those before it (RFC 7692 section 7.1.1). */
const WINDOW_BYTES = 32 * 1024;

const EMPTY = Buffer.alloc(0);

/** What is expected to become larger than this is joined of pieces. */
const MAX_WHOLE_BYTES = 256 * 1024;

const PIECE_BYTES = 64 * 1024;

/** Expected of the first message: it becomes four times as large. */
const FIRST_EXPANSION = 4;

/** How much of an expectation stays when a message expands less. */
const EXPANSION_KEPT = 7 / 8;

/** Settings of a {@link MessageInflate}. */
export interface MessageInflateOptions {
  /** Passed on to zlib. */
  readonly zlib?: ZlibOptions | undefined;
  /** The largest message, in bytes after decompression. */
  readonly maxMessageBytes: number;
  /** Whether a message may refer to those before it (server context takeover, RFC 7692). */
  readonly keepsContext: boolean;
}

/** One call of zlib. */
interface Step {
  readonly input: Buffer;
  readonly options: ZlibOptions;
}

/** What zlib made of a {@link Step}. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Decompresses whole messages (RFC 7692), and loses nothing in silence: a message that was cut off
 * is refused, and one that holds several DEFLATE streams is joined. Both transports use it, the
 * direct one in the turn of the message, `ws` in Node's thread pool.
 *
 * What comes out has memory of its own: a message that waits must not keep Node's pool, which zlib
 * takes small pieces from. With context takeover the last 32 KiB are kept here besides.
 */
export class MessageInflate {
  readonly #options: MessageInflateOptions;
  #window: Buffer = EMPTY;
  /** How many times larger the messages of this connection become. */
  #expansion = FIRST_EXPANSION;

  constructor(options: MessageInflateOptions) {
    this.#options = options;
  }

  /**
   * Decompresses in this turn.
   *
   * @throws ProtocolViolation 1009 above the limit, before more than that is in memory; 1007 for
   *   what is no whole DEFLATE stream
   */
  now(data: Buffer): Buffer {
    const run = this.#run(data);
    let next = run.next();
    while (next.done !== true) {
      const { input, options } = next.value;
      let result: Inflated;
      try {
        // With `info: true` it returns this object, which Node's types do not know.
        result = inflateRawSync(input, options) as unknown as Inflated;
      } catch (error) {
        next = run.throw(error);
        continue;
      }
      next = run.next(result);
    }
    return next.value;
  }

  /**
   * The same in Node's thread pool. Only one message at a time: with context takeover the next one
   * needs this one's result.
   */
  later(data: Buffer, done: (error: ProtocolViolation | undefined, message: Buffer) => void): void {
    const run = this.#run(data);
    const advance = (step: () => IteratorResult<Step, Buffer>): void => {
      let next: IteratorResult<Step, Buffer>;
      try {
        next = step();
      } catch (error) {
        // The run throws nothing else.
        return done(error as ProtocolViolation, EMPTY);
      }
      if (next.done === true) return done(undefined, next.value);
      const { input, options } = next.value;
      inflateRaw(input, options, (error, result: unknown) => {
        advance(() => (error === null ? run.next(result as Inflated) : run.throw(error)));
      });
    };
    // `done` is never called in this turn, also if there is nothing to inflate.
    process.nextTick(advance, () => run.next());
  }

  *#run(data: Buffer): Generator<Step, Buffer, Inflated | undefined> {
    const { maxMessageBytes, keepsContext } = this.#options;
    const parts: Buffer[] = [];
    let total = 0;
    let rest = data;
    // Nothing at all and a single 0 are empty messages; after a last block they are its padding.
    while (rest.length > 1 || (rest.length === 1 && rest[0] !== 0)) {
      const { part, taken } = yield* this.#stream(rest, parts, maxMessageBytes - total);
      parts.push(part);
      total += part.length;
      rest = rest.subarray(taken);
    }
    const [only = EMPTY] = parts;
    const message = parts.length > 1 ? Buffer.concat(parts, total) : only;
    this.#learn(data.length, total);
    if (keepsContext) this.#window = this.#windowAfter([message]);
    return trimmed(message);
  }

  /** Inflates up to the end of a DEFLATE stream or of the message. */
  *#stream(
    data: Buffer,
    before: readonly Buffer[],
    leftBytes: number,
  ): Generator<Step, { readonly part: Buffer; readonly taken: number }, Inflated | undefined> {
    const dictionary = this.#options.keepsContext ? this.#windowAfter(before) : EMPTY;
    const leftInPlace = data.subarray(-CUT_OFF.length).equals(CUT_OFF);
    const endings = leftInPlace ? [ENDING, ENDING_AFTER_BLOCK] : [ENDING];
    let refusal: unknown;
    for (const ending of endings) {
      const options = {
        ...this.#options.zlib,
        ...(dictionary.length === 0 ? {} : { dictionary }),
        chunkSize: this.#chunkBytes(data.length),
        maxOutputLength: leftBytes + MARKER.length,
        info: true,
      };
      let result: Inflated | undefined;
      try {
        result = yield { input: Buffer.concat([data, ending]), options };
      } catch (error) {
        if (codeOf(error) === "ERR_BUFFER_TOO_LARGE") throw this.#tooBig(error);
        refusal = error;
        continue;
      }
      if (result === undefined) continue;
      const { buffer, engine } = result;
      const taken = Math.min(engine.bytesWritten, data.length);
      const marked = engine.bytesWritten > data.length;
      const length = marked ? buffer.length - MARKER.length : buffer.length;
      if (marked && !buffer.subarray(Math.max(length, 0)).equals(MARKER)) continue;
      if (length > leftBytes) throw this.#tooBig(undefined);
      return { part: buffer.subarray(0, length), taken };
    }
    throw new ProtocolViolation(
      codeOf(refusal) ?? "Z_BUF_ERROR",
      1007,
      "a compressed message is cut off, or no DEFLATE stream",
      { cause: refusal },
    );
  }

  /**
   * Memory for all that is expected to come out, with some room: zlib joins what needs more than
   * one piece, and of what it is given too much the result is copied.
   */
  #chunkBytes(length: number): number {
    const expected = Math.ceil(length * this.#expansion * 1.1) + MARKER.length;
    return expected > MAX_WHOLE_BYTES ? PIECE_BYTES : Math.max(expected, 1024);
  }

  #learn(length: number, inflated: number): void {
    if (length === 0) return;
    this.#expansion = Math.max(inflated / length, this.#expansion * EXPANSION_KEPT);
  }

  #windowAfter(parts: readonly Buffer[]): Buffer {
    if (parts.length === 0) return this.#window;
    const last = parts.at(-1) ?? EMPTY;
    if (last.length >= WINDOW_BYTES) return Buffer.from(last.subarray(-WINDOW_BYTES));
    return Buffer.from(Buffer.concat([this.#window, ...parts]).subarray(-WINDOW_BYTES));
  }

  #tooBig(cause: unknown): ProtocolViolation {
    const { maxMessageBytes } = this.#options;
    return cause === undefined ? tooBig(maxMessageBytes) : tooBig(maxMessageBytes, { cause });
  }
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
