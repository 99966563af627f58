import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RequestOptions } from "node:https";
import type { FetchLike, FetchResponse } from "../rest/fetch-like.js";

/** An answer that is longer is no answer of this venue. */
const MAX_BODY_BYTES = 16 * 1_048_576;

/** A `fetch` that can be told whom to trust; the one of Node cannot. Follows no redirect. Plain `http:` addresses know no trust. */
export function httpsFetch(trust: () => Pick<RequestOptions, "agent" | "ca" | "servername">): FetchLike {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const secure = new URL(url).protocol === "https:";
      const common = { method, headers: bodyHeaders(headers, body), signal };
      const request = secure
        ? // Said in so many words: left out, NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the verification off.
          httpsRequest(url, { minVersion: "TLSv1.2", rejectUnauthorized: true, ...trust(), ...common })
        : httpRequest(url, common);
      request.on("response", (response) => resolve(answer(response)));
      request.on("error", reject);
      request.end(body);
    });
}

function bodyHeaders(headers: Record<string, string>, body: string | undefined): Record<string, string> {
  // Without a length Node would send an empty body in chunks.
  return body === undefined ? headers : { ...headers, "Content-Length": String(Buffer.byteLength(body)) };
}

function answer(response: IncomingMessage): FetchResponse {
  return {
    status: response.statusCode ?? 0,
    headers: {
      get: (name) => {
        const value = response.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
      getSetCookie: () => response.headers["set-cookie"] ?? [],
    },
    text: async () => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) throw new Error(`an answer of more than ${MAX_BODY_BYTES} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
