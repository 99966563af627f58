import type { Buffer } from "node:buffer";

/** A close frame as it was read, also one that breaks a rule. */
export interface ReceivedClose {
  readonly code: number;
  readonly reason: Buffer;
}

/** A close frame with this code and reason; `undefined` for a code that no peer can send. */
export function receivedClose(code: number, reason: Buffer): ReceivedClose | undefined {
  // They stand for what did not come (RFC 6455 section 7.4.1).
  return code === 1005 || code === 1006 || code === 1015 ? undefined : { code, reason };
}

/**
 * The peer broke RFC 6455, or one of our limits. `code` is the name that npm `ws` has for the same
 * fault, so that one table (`NODE_ERROR_RULES`) translates both leaves' errors.
 */
export class ProtocolViolation extends Error {
  override readonly name = "ProtocolViolation";
  readonly code: string;
  /** What the close frame that answers it says (RFC 6455 section 7.4.1): 1002, 1007, 1008, 1009. */
  readonly closeCode: number;

  constructor(code: string, closeCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.closeCode = closeCode;
  }
}

/** A fault of a close frame whose code could be read. */
export class CloseFrameViolation extends ProtocolViolation {
  readonly received: ReceivedClose;

  constructor({ code, closeCode, message }: ProtocolViolation, received: ReceivedClose) {
    super(code, closeCode, message);
    this.received = received;
  }
}

/** A fault of the framing, 1002. */
export function malformed(code: string, message: string): ProtocolViolation {
  return new ProtocolViolation(code, 1002, `invalid WebSocket frame: ${message}`);
}

/** Text that is not UTF-8 (RFC 6455 section 8.1), 1007. */
export function notUtf8(what: string): ProtocolViolation {
  return new ProtocolViolation("WS_ERR_INVALID_UTF8", 1007, `invalid UTF-8 in a ${what}`);
}

/** A message above the limit, 1009. */
export function tooBig(maxMessageBytes: number, options?: ErrorOptions): ProtocolViolation {
  const message = `a message has more than ${maxMessageBytes} bytes (maxMessageBytes)`;
  return new ProtocolViolation("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009, message, options);
}

/** A message in more parts than its bytes explain, 1008. */
export function tooManyParts(): ProtocolViolation {
  const message = "a message has far more fragments than bytes";
  return new ProtocolViolation("WS_ERR_TOO_MANY_BUFFERED_PARTS", 1008, message);
}
