import type { IncomingMessage } from "node:http";
import type { Timer } from "@oath-ws/contract";
import { flatHeaders } from "../errors/flat-headers.js";
import { answerRefused, failed } from "./rest-errors.js";
import type { StrictAnswer } from "./strict-fetch.js";

/** How an answer is read. */
export interface ReadOptions {
  /** How messages begin. */
  readonly where: string;
  /** The address that was asked. */
  readonly target: URL;
  readonly maxBodyBytes: number;
  readonly timer: Timer;
  readonly done: (answer: StrictAnswer) => void;
  /** The caller destroys the socket. */
  readonly fail: (error: unknown) => void;
}

/**
 * Reads an answer's body within its bound, unless the head says already that it cannot be taken.
 */
export function readAnswer(response: IncomingMessage, options: ReadOptions): void {
  const { where, target, maxBodyBytes, timer, done, fail } = options;
  const refuse = (code: Parameters<typeof answerRefused>[1], what: string): void =>
    fail(answerRefused(response, code, `${where}: ${what}`, timer.wallNow()));
  const { statusCode: status = 0 } = response;
  // Stays for good: a destroyed answer may emit more.
  response.on("error", (error) => fail(failed(where, error)));
  response.on("close", () => fail(failed(where, undefined)));
  if (status >= 300 && status <= 399) {
    const to = destination(response.headers.location, target);
    refuse("REST_REDIRECTED", `answered ${status}${to}; redirects are not followed`);
    return;
  }
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") {
    refuse("REST_ENCODED", "the body is encoded, which was not asked for");
    return;
  }
  const tooBig = (): void =>
    refuse("REST_TOO_BIG", `the body is longer than ${maxBodyBytes} bytes`);
  if (Number(response.headers["content-length"] ?? 0) > maxBodyBytes) {
    tooBig();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) {
      // The rest of what one read brought may still come.
      chunks.length = 0;
      tooBig();
    } else {
      chunks.push(chunk);
    }
  });
  response.on("end", () => {
    const { "set-cookie": cookies = [], ...headers } = response.headers;
    done({
      status,
      headers: flatHeaders(headers),
      cookies,
      body: Buffer.concat(chunks).toString("utf8"),
    });
  });
}

/** Where a redirect leads, as far as it may be shown: its origin. */
function destination(location: string | undefined, target: URL): string {
  if (location === undefined || !URL.canParse(location, target.href)) return "";
  return ` with a redirect to ${new URL(location, target).origin}`;
}
