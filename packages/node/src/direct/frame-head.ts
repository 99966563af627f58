import { OPCODE } from "./opcode.js";
import { malformed } from "../leaf/protocol-violation.js";
import type { ProtocolViolation } from "../leaf/protocol-violation.js";

export const FIN = 0x80;
export const RSV1 = 0x40;
const RSV23 = 0x30;
export const MASK = 0x80;
const MAX_CONTROL_BYTES = 125;

/** What came before a frame decides what it may be. */
export interface HeadContext {
  /** A message was begun, and its last fragment has not come. */
  readonly insideMessage: boolean;
  /** permessage-deflate was agreed on. */
  readonly compressible: boolean;
}

/** What the first two bytes of a frame break of RFC 6455 section 5.2, if anything. */
export function headFault(
  first: number,
  second: number,
  context: HeadContext,
): ProtocolViolation | undefined {
  const opcode = first & 0x0f;
  if ((first & RSV23) !== 0)
    return malformed("WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear");
  // RFC 7692 section 6: only on the first frame of a data message.
  if (
    (first & RSV1) !== 0 &&
    (!context.compressible || (opcode !== OPCODE.text && opcode !== OPCODE.binary))
  ) {
    return malformed("WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear");
  }
  const fault = opcode >= 0x8 ? controlFault(first, second) : dataFault(opcode, context);
  if (fault !== undefined) return fault;
  if ((second & MASK) !== 0)
    return malformed("WS_ERR_UNEXPECTED_MASK", "a server must not mask its frames");
  return undefined;
}

function controlFault(first: number, second: number): ProtocolViolation | undefined {
  const opcode = first & 0x0f;
  if (opcode > OPCODE.pong)
    return malformed("WS_ERR_INVALID_OPCODE", `opcode ${opcode} is reserved`);
  if ((first & FIN) === 0)
    return malformed("WS_ERR_EXPECTED_FIN", "a control frame must not be fragmented");
  const length = second & 0x7f;
  // Left to the decoder, which may find the code behind the head.
  if (opcode === OPCODE.close && length > MAX_CONTROL_BYTES) return undefined;
  if (length > MAX_CONTROL_BYTES || (opcode === OPCODE.close && length === 1))
    return controlLength();
  return undefined;
}

function dataFault(opcode: number, { insideMessage }: HeadContext): ProtocolViolation | undefined {
  if (opcode > OPCODE.binary)
    return malformed("WS_ERR_INVALID_OPCODE", `opcode ${opcode} is reserved`);
  if ((opcode === OPCODE.continuation) === insideMessage) return undefined;
  const message =
    opcode === OPCODE.continuation
      ? "a continuation of no message"
      : "a message inside another one";
  return malformed("WS_ERR_INVALID_OPCODE", message);
}

/** The payload of a control frame has a length that it cannot have (RFC 6455 section 5.5). */
export function controlLength(): ProtocolViolation {
  return malformed(
    "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    "a control frame's payload has a length that it cannot have",
  );
}

/** The length is not in its shortest form (RFC 6455 section 5.2). */
export function notMinimal(): ProtocolViolation {
  return malformed("WS_ERR_NON_MINIMAL_LENGTH", "the length is not in its shortest form");
}

/** A number of 16 bits in network byte order; bytes that are not there count as 0. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** A number of 32 bits in network byte order; bytes that are not there count as 0. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
