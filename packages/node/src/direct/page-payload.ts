import type { Buffer } from "node:buffer";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import type { PayloadAccess } from "@oath-ws/resilience/leaf";
import { viewOf } from "./payload-views.js";

/** A payload in a page of what the socket read. */
export const PAGE_BYTES: PayloadAccess = {
  bytes: pageBytes,
  text: (page, from, length) => decodeUtf8(pageBytes(page, from, length)),
};

/** The same, and known to be ASCII: its text needs no array over its bytes. */
export const PAGE_ASCII: PayloadAccess = {
  bytes: pageBytes,
  text: (page, from, length) => (page as Buffer).toString("latin1", from, from + length),
};

function pageBytes(page: Uint8Array, from: number, length: number): Buffer {
  return viewOf(page as Buffer, from, length);
}
