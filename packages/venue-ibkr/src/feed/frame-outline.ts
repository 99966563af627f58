import { WsError } from "@oath-ws/contract";

/** The members of a frame; what is in them is not looked at yet. */
export type Message = Readonly<Record<string, unknown>>;

/** The members of a frame. @throws WsError `FRAME_INVALID` or `FRAME_UNKNOWN` */
export function parse(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WsError({
      kind: "server",
      code: "FRAME_INVALID",
      message: "the venue sent a frame that is no JSON",
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Message;
  throw unknownFrame();
}

/** A member that must be a list. @throws WsError `FRAME_UNKNOWN` */
export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unknownFrame();
}

/** Of a frame that is not as documented. */
export function unknownFrame(): WsError {
  return new WsError({
    kind: "server",
    code: "FRAME_UNKNOWN",
    message: "the venue sent a frame that is not documented",
  });
}
