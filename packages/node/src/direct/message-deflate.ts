import type { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import { MessageInflate } from "../leaf/message-inflate.js";
import type { WsDeflateOptions } from "../options/ws-connector-options.js";
import type { DeflateAgreement } from "./deflate-extension.js";

/** What a flushed deflate stream ends with, and is not sent (RFC 7692 section 7.2.1). */
const CUT_OFF_BYTES = 4;

const DEFAULT_THRESHOLD_BYTES = 1024;

/** Compression of messages (RFC 7692), in the turn in which it is asked for. */
export interface MessageDeflate {
  /** Throws what `MessageInflate.now` throws. */
  readonly inflate: (data: Buffer) => Buffer;
  /** `undefined`: the message goes out as it is. Each message stands alone. */
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
  const deflating: ZlibOptions = {
    ...options.zlibDeflateOptions,
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  if (windowBits !== undefined)
    deflating.windowBits = Math.min(windowBits, deflating.windowBits ?? windowBits);
  const inflating = new MessageInflate({
    zlib: options.zlibInflateOptions,
    maxMessageBytes,
    keepsContext: agreement.serverKeepsContext,
  });
  return {
    inflate: (data) => inflating.now(data),
    deflate(data) {
      if (windowBits === undefined || data.length < threshold) return undefined;
      const deflated = deflateRawSync(data, deflating);
      return deflated.subarray(0, deflated.length - CUT_OFF_BYTES);
    },
  };
}
