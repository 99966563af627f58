import { inspect } from "node:util";
import { BinanceUserData } from "@oath-ws/venue-binance";
import type { UserDataOptions } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";
import type { Answer } from "../support/virtual-venue.js";

// The key goes into every login and the signature into every signed address; what goes wrong with
// them must not show either.

const CANARY = /canary-[a-z]+/;
const accept: Answer = () => ({ status: 200, result: { subscriptionId: 0 } });
const refuse =
  (code: number): Answer =>
  () => ({ status: 400, error: { code, msg: "no" } });

interface Trouble {
  readonly answer: Answer;
  readonly rest?: VirtualVenue["rest"];
  readonly sign?: () => string;
}

const body = (status: number, text: string): ReturnType<VirtualVenue["rest"]> =>
  Promise.resolve({ status, headers: {}, cookies: [], body: text });

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "a key that is refused": { answer: refuse(-2015) },
  "a signature that is refused, again and again": { answer: refuse(-1021) },
  "a login without an answer": { answer: () => undefined },
  "a signer that fails": {
    answer: accept,
    sign: () => {
      throw new Error("the key store is locked");
    },
  },
  "an account that cannot be had": {
    answer: accept,
    rest: () => Promise.reject(new TypeError("fetch failed")),
  },
  "an account without an answer": { answer: accept, rest: () => new Promise(() => undefined) },
  "an account that is refused": {
    answer: accept,
    rest: () => body(401, JSON.stringify({ code: -2015, msg: "no" })),
  },
  "an account that is no JSON": { answer: accept, rest: () => body(200, "<html>") },
  "an account that is null": { answer: accept, rest: () => body(200, "null") },
};

describe("neither the key nor a signature is printed:", () => {
  it.each(Object.entries(TROUBLES))(
    "%s",
    async (_name, { answer, rest, sign = () => "canary-signature" }) => {
      const venue = new VirtualVenue();
      venue.answer = answer;
      if (rest !== undefined) venue.rest = rest;
      const told: unknown[] = [];
      const options: UserDataOptions = {
        runtime: venue.runtime,
        credentials: { apiKey: "canary-key", sign },
        tracer: { trace: (event) => told.push(event) },
        onFault: (error) => told.push(error),
      };
      const user = new BinanceUserData(options);
      await venue.world.run(120_000);
      told.push(user, user.state.snapshot);
      const { phase } = user.state.snapshot;
      expect(phase).not.toBe("live");
      const reading = user.readable().catch((error: unknown) => told.push(error));
      const ending = user.shutdown();
      await venue.world.run(60_000);
      await Promise.all([reading, ending]);
      expect(told.length).toBeGreaterThan(3);
      const shown = told.flatMap((each) => [
        inspect(each, { depth: 20 }),
        each instanceof Error ? JSON.stringify(each) : "",
      ]);
      expect(shown.filter((text) => CANARY.test(text))).toEqual([]);
    },
  );
});
