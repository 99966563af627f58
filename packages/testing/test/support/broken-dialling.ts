import type { LeafConnection } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { copy, inConnection, inDial, inFailure } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_DIALLING: readonly BrokenConnector[] = [
  {
    fault: "replaces the abort reason by an error of its own",
    wrap: inFailure((error, _, signal) =>
      signal?.aborted === true ? new Error("aborted") : error,
    ),
    caught: [
      "dialling: an abort right after",
      "dialling: an abort while",
      "dialling: a signal that is aborted already",
    ],
  },
  {
    fault: "does not listen to the signal",
    wrap: (connector) => ({ connect: (handshake, events) => connector.connect(handshake, events) }),
    caught: [
      "dialling: an abort right after",
      "dialling: an abort while",
      "dialling: a signal that is aborted already",
    ],
  },
  {
    fault: "rejects on abort and lets the dial go on",
    wrap: (connector) => ({
      connect: (handshake, events, options) =>
        new Promise((resolve, reject) => {
          const { signal } = options ?? {};
          const onAbort = (): void => reject(signal?.reason);
          signal?.addEventListener("abort", onAbort);
          connector
            .connect(handshake, events)
            .then(resolve, reject)
            .finally(() => signal?.removeEventListener("abort", onAbort));
        }),
    }),
    caught: ["dialling: an abort right after", "dialling: an abort while"],
  },
  {
    fault: "leaves a listener on the signal",
    wrap: (connector) => ({
      connect: (handshake, events, options) => {
        options?.signal?.addEventListener("abort", () => {});
        return connector.connect(handshake, events, options);
      },
    }),
    caught: ["dialling: once connect() has settled"],
  },
  {
    fault: "mends a bad scheme and dials",
    wrap: inDial((handshake) => ({ ...handshake, url: handshake.url?.replace(/^http/, "ws") })),
    caught: ["dialling: a bad URL"],
  },
  {
    fault: "throws for a bad URL instead of rejecting",
    wrap: (connector) => ({
      connect: (handshake, events, options) => {
        if (handshake.url?.startsWith("http"))
          throw new WsError({ kind: "client", code: "URL_INVALID", message: "bad" });
        return connector.connect(handshake, events, options);
      },
    }),
    caught: ["dialling: a bad URL"],
  },
  {
    fault: "forgets the headers",
    wrap: inDial((handshake) => ({ ...handshake, headers: {} })),
    caught: ["dialling: request headers"],
  },
  {
    fault: "drops the query",
    wrap: inDial((handshake) => ({ ...handshake, url: handshake.url.replace(/\?.*/, "") })),
    caught: ["dialling: path and query"],
  },
  {
    fault: "does not tell the subprotocol",
    wrap: inConnection(() => ({ protocol: "" })),
    caught: ["dialling: subprotocols"],
  },
  {
    fault: "loses the status of a refusal",
    wrap: inFailure((error) =>
      error.status === undefined ? error : copy(error, { status: undefined as never }),
    ),
    caught: [
      "dialling: a refusal with status 401",
      "dialling: a refusal with status 429",
      "dialling: a refusal with status 503",
    ],
  },
  {
    fault: "loses Retry-After",
    wrap: inFailure((error) =>
      error.status === undefined ? error : copy(error, { retryAfterMs: undefined as never }),
    ),
    caught: ["dialling: a refusal with status 429", "dialling: a refusal with status 503"],
  },
  {
    fault: "calls every refusal the server's fault",
    wrap: inFailure((error) =>
      error.status === undefined ? error : copy(error, { kind: "server" }),
    ),
    caught: [
      "dialling: a refusal with status 401",
      "dialling: a refusal with status 404",
      "dialling: a refusal with status 429",
    ],
  },
  {
    fault: "rejects with a platform error",
    wrap: inFailure((error) =>
      Object.assign(new Error("connect ECONNREFUSED"), { code: error.code }),
    ),
    caught: ["dialling: no listener", "dialling: the server drops"],
  },
  {
    fault: "shows the URL in its errors",
    wrap: inFailure((error, handshake) =>
      copy(error, { message: `cannot connect to ${handshake.url}` }),
    ),
    caught: ["dialling: no error shows", "dialling: a bad URL"],
  },
  {
    fault: "hands out one connection for all dials",
    wrap: (connector) => {
      let shared: LeafConnection | undefined;
      return inConnection((connection) => {
        const first = (shared ??= connection);
        return { send: (frame, outcome) => first.send(frame, outcome) };
      })(connector);
    },
    caught: ["dialling: two connections"],
  },
];
