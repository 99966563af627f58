import { closeFault, NO_CLOSE_CODE } from "../primitives/frame-fault.js";
import { frameInvalid } from "../primitives/leaf-errors.js";
import { decodeUtf8, encodeUtf8 } from "../primitives/utf8.js";
import { domException } from "./dom-exception.js";
import { toClampedShort, toDomString } from "./web-idl.js";

/** The close frame that `close()` asks for. */
export interface CloseRequest {
  /** 1005 for a frame without a code. */
  readonly code: number;
  readonly reason: string;
}

/**
 * Converts and checks the arguments of `close()` as the standard does: the code is clamped to 16
 * bits and rounded, the reason becomes well-formed text, and a reason without a code gets 1000.
 *
 * @throws DOMException `InvalidAccessError` for the code, `SyntaxError` for the reason; its `cause`
 *   is a `WsError` `FRAME_INVALID`
 */
export function closeRequest(code: unknown, reason: unknown): CloseRequest {
  const text = reason === undefined ? "" : decodeUtf8(encodeUtf8(toDomString(reason)));
  const asked = code === undefined ? undefined : toClampedShort(code);
  const codeFault =
    asked === NO_CLOSE_CODE
      ? "a close code must be 1000 or 3000-4999; leave it out to send none"
      : closeFault(asked, undefined);
  if (codeFault !== undefined) throw domException("InvalidAccessError", frameInvalid(codeFault));
  const reasonFault = closeFault(undefined, text);
  if (reasonFault !== undefined) throw domException("SyntaxError", frameInvalid(reasonFault));
  return { code: asked ?? (text === "" ? NO_CLOSE_CODE : 1000), reason: text };
}
