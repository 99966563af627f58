import type { Buffer } from "node:buffer";
import {
  CloseFrameViolation,
  malformed,
  notUtf8,
  receivedClose,
} from "../leaf/protocol-violation.js";
import type { ProtocolViolation } from "../leaf/protocol-violation.js";
import { controlLength, readUint16 } from "./frame-head.js";
import { isCloseCode } from "./opcode.js";
import { EMPTY } from "./payload-views.js";

/**
 * What a close frame breaks of RFC 6455 sections 5.5.1 and 7.4, if anything.
 *
 * @param isText whether the reason passes for UTF-8
 */
export function closeFault(
  code: number,
  reason: Buffer,
  isText: boolean,
): ProtocolViolation | undefined {
  if (!isCloseCode(code)) {
    const fault = malformed("WS_ERR_INVALID_CLOSE_CODE", `a close frame must not say ${code}`);
    return withCode(fault, code, reason);
  }
  return isText ? undefined : withCode(notUtf8("close reason"), code, reason);
}

/** A close frame that is too long. It is refused at its head, and its code lies behind that. */
export function longClose(bytes: Uint8Array, codeAt: number, end: number): ProtocolViolation {
  const fault = controlLength();
  return end < codeAt + 2 ? fault : withCode(fault, readUint16(bytes, codeAt), EMPTY);
}

/** The fault, and the code with it, unless that is one which no peer can send. */
function withCode(fault: ProtocolViolation, code: number, reason: Buffer): ProtocolViolation {
  const received = receivedClose(code, reason);
  return received === undefined ? fault : new CloseFrameViolation(fault, received);
}
