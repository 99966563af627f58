import { isWsError } from "@oath-ws/contract";
import type { AuthContext, Handshake } from "@oath-ws/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SharedGate } from "../../../resilience/src/core/shared-gate.js";
import { handshakeFault } from "../../src/errors/handshake-fault.js";
import { createAddress } from "../../../resilience/src/websocket/address.js";
import { StandInUrl } from "../../../resilience/src/websocket/stand-in-url.js";
import { FUZZ_TIMEOUT_MS, fuzzRuns, fuzzSeed } from "../hostile/support/campaign.js";

const settings = { numRuns: fuzzRuns(1000), seed: fuzzSeed(6455) };

const piece = fc.constantFrom(
  "ws:",
  "wss:",
  "http:",
  "//",
  "venue.test",
  ":443",
  ":99999",
  "[::1]",
  "/",
  "?token=secret",
  "#x",
  " ",
);
const url = fc.oneof(
  fc.webUrl().map((http) => http.replace(/^http/, "ws")),
  fc.array(piece, { maxLength: 7 }).map((parts) => parts.join("")),
  fc.anything({ maxDepth: 1 }),
);
const protocols = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(fc.string(), fc.anything({ maxDepth: 1 })), { maxLength: 3 }),
  fc.anything(),
);

const context: AuthContext = {
  attempt: 1,
  lastError: undefined,
  signal: {
    aborted: false,
    reason: undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  },
};

/**
 * Something that cannot be made a string makes `String()` throw, which a caller of the constructor
 * hears of.
 */
function isPrintable(value: unknown): boolean {
  try {
    String(value);
    return true;
  } catch {
    return false;
  }
}

async function asked(given: unknown, offered: unknown): Promise<Handshake> {
  const { handshake, auth } = createAddress({
    url: () => given as string,
    protocols: () => offered as string[],
    headers: {},
    auth: undefined,
    onUrl: () => undefined,
    standIn: () => new StandInUrl(new SharedGate()),
    baseUrl: undefined,
  });
  if (auth === undefined) throw new Error("no source is asked");
  return auth.authorize(handshake, context);
}

it(
  "any URL and subprotocols, given or asked for, are a handshake that can be judged, the " +
    "same either way",
  async () => {
    let sound = 0;
    await fc.assert(
      fc.asyncProperty(url, protocols, async (given, offered) => {
        if (!isPrintable(given) || typeof given === "function" || typeof offered === "function")
          return;
        const { handshake } = createAddress({
          url: given as string,
          protocols: offered as string[],
          headers: {},
          auth: undefined,
          onUrl: () => undefined,
          standIn: () => new StandInUrl(new SharedGate()),
          baseUrl: undefined,
        });
        const fault = handshakeFault(handshake);
        if (fault === undefined) sound++;
        else {
          expect(["URL_INVALID", "HANDSHAKE_OPTIONS_INVALID"]).toContain(fault.code);
          expect(fault.message).not.toContain("secret");
        }
        expect(handshakeFault(await asked(given, offered))?.code).toBe(fault?.code);
      }),
      settings,
    );
    expect(sound).toBeGreaterThan(settings.numRuns / 100);
  },
  FUZZ_TIMEOUT_MS,
);

it(
  "a function that throws anything fails the attempt with a WsError, and lets nothing of it out",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.boolean(), async (thrown, forUrl) => {
        const fail = (): never => {
          throw thrown;
        };
        const { handshake, auth } = createAddress({
          url: forUrl ? fail : "ws://venue.test/",
          protocols: forUrl ? [] : fail,
          headers: {},
          auth: undefined,
          onUrl: () => undefined,
          standIn: () => new StandInUrl(new SharedGate()),
          baseUrl: undefined,
        });
        const error: unknown = await Promise.resolve(auth?.authorize(handshake, context)).catch(
          (reason: unknown) => reason,
        );
        if (!isWsError(error)) throw new Error("it was no WsError", { cause: error });
        expect(error).toMatchObject({
          code: "AUTH_FAILED",
          message: `the ${forUrl ? "URL" : "subprotocol"} function failed`,
        });
      }),
      settings,
    );
  },
  FUZZ_TIMEOUT_MS,
);
