import { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import type { WsDeflateOptions } from "../options/ws-connector-options.js";
import type { DeflateAgreement } from "./deflate-extension.js";
import { ProtocolViolation, tooBig } from "./protocol-violation.js";

/**
 * What a flushed deflate stream ends with. It is not sent, and put back before inflating (RFC 7692
 * sections 7.2.1 and 7.2.2).
 */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

const DEFAULT_THRESHOLD_BYTES = 1024;

/**
 * Compression of single messages (RFC 7692), each for itself, in the turn in which it is asked for.
 */
export interface MessageDeflate {
  /**
   * @throws ProtocolViolation 1009 above the limit, before more than that is in memory; 1007 for
   *   what is no deflate stream
   */
  readonly inflate: (data: Buffer) => Buffer;
  /** `undefined`: the message goes out as it is. */
  readonly deflate: (data: string | Uint8Array) => Buffer | undefined;
}

/** @param maxMessageBytes the largest message that may come out of `inflate` */
export function messageDeflate(
  agreement: DeflateAgreement,
  options: WsDeflateOptions,
  maxMessageBytes: number,
): MessageDeflate {
  const { threshold = DEFAULT_THRESHOLD_BYTES } = options;
  const windowBits = agreement.clientWindowBits;
  const inflating: ZlibOptions = {
    ...options.zlibInflateOptions,
    // The stream has no end: each message was cut off at a flush.
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: maxMessageBytes,
  };
  const deflating: ZlibOptions = {
    ...options.zlibDeflateOptions,
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  if (windowBits !== undefined)
    deflating.windowBits = Math.min(windowBits, deflating.windowBits ?? windowBits);
  return {
    inflate(data) {
      try {
        return inflateRawSync(Buffer.concat([data, TAIL]), inflating);
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code === "ERR_BUFFER_TOO_LARGE") throw tooBig(maxMessageBytes, { cause: error });
        throw new ProtocolViolation(
          String(code),
          1007,
          "a compressed message cannot be decompressed",
          { cause: error },
        );
      }
    },
    deflate(data) {
      if (windowBits === undefined || data.length < threshold) return undefined;
      const deflated = deflateRawSync(data, deflating);
      return deflated.subarray(0, deflated.length - TAIL.length);
    },
  };
}
