import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LINK_TRANSITIONS } from "../../src/connection/link-table.js";
import type { LinkInput, LinkState } from "../../src/connection/link-table.js";

/** What is used of `scripts/state-diagram.js`, which is plain JavaScript. */
interface Script {
  readonly LINK_RECORD: string;
  renderStates(table: typeof LINK_TRANSITIONS): string;
  withLinkStates(record: string, table: typeof LINK_TRANSITIONS): string;
}

const script = (await import(
  new URL("../../../../scripts/state-diagram.js", import.meta.url).href
)) as Script;

const STATES = Object.keys(LINK_TRANSITIONS) as LinkState[];
const WITH_CONNECTION: readonly LinkState[] = ["greeting", "loggingIn", "ready"];

const CELLS = STATES.flatMap((from) =>
  Object.entries(LINK_TRANSITIONS[from]).map(([input, cell]) => ({
    from,
    input: input as LinkInput,
    cell,
  })),
);
const STEPS = CELLS.flatMap(({ from, input, cell }) =>
  cell === "ignore" ? [] : [{ from, input, ...cell }],
);

function list(effects: readonly string[]): string {
  return effects.join(", ");
}

/** Where each input leads, in words; `-`: it changes nothing. */
const EXPECTED: Readonly<Record<LinkState, Readonly<Record<LinkInput, string>>>> = {
  down: {
    up: "greeting: adopt open",
    greeted: "-",
    loggedIn: "-",
    putOff: "-",
    sessionLost: "-",
    silent: "-",
    heard: "-",
    mute: "-",
    down: "-",
    shutdown: "closing: hangUp",
    failed: "closing: hangUp",
    ended: "closing: finish",
  },
  greeting: {
    up: "-",
    greeted: "loggingIn: subscribe logIn",
    loggedIn: "-",
    putOff: "-",
    sessionLost: "greeting: logOut",
    silent: "greeting: tellSilent",
    heard: "greeting: tellHeard",
    mute: "greeting: reconnect",
    down: "down: forget halt tellDown",
    shutdown: "closing: halt hangUp",
    failed: "closing: halt hangUp",
    ended: "closing: forget halt finish",
  },
  loggingIn: {
    up: "-",
    greeted: "-",
    loggedIn: "ready: admit",
    putOff: "loggingIn: tellPutOff",
    sessionLost: "loggingIn: logOut logInAgain",
    silent: "loggingIn: tellSilent",
    heard: "loggingIn: tellHeard",
    mute: "loggingIn: reconnect",
    down: "down: forget halt tellDown",
    shutdown: "closing: halt hangUp",
    failed: "closing: halt hangUp",
    ended: "closing: forget halt finish",
  },
  ready: {
    up: "-",
    greeted: "-",
    loggedIn: "-",
    putOff: "-",
    sessionLost: "loggingIn: logOut logInAgain",
    silent: "ready: tellSilent",
    heard: "ready: tellHeard",
    mute: "ready: reconnect",
    down: "down: forget halt tellDown",
    shutdown: "closing: halt hangUp",
    failed: "closing: halt hangUp",
    ended: "closing: forget halt finish",
  },
  closing: {
    up: "closing: adopt",
    greeted: "-",
    loggedIn: "-",
    putOff: "-",
    sessionLost: "-",
    silent: "closing: tellSilent",
    heard: "closing: tellHeard",
    mute: "-",
    down: "closing: forget",
    shutdown: "closing: hangUp",
    failed: "closing: hangUp",
    ended: "closing: forget finish",
  },
};

describe("the table of a connection's states", () => {
  it.each(CELLS)("leads from $from by $input where it is meant to", ({ from, input, cell }) => {
    const found = cell === "ignore" ? "-" : `${cell.to}: ${cell.effects.join(" ")}`;
    expect(found).toBe(EXPECTED[from][input]);
  });

  it("names every input in every state", () => {
    const inputs = Object.keys(EXPECTED.down).toSorted();
    for (const state of STATES)
      expect(Object.keys(LINK_TRANSITIONS[state]).toSorted()).toEqual(inputs);
  });

  it("has no way out of closing", () => {
    for (const { from, to } of STEPS) if (from === "closing") expect(to).toBe("closing");
  });

  it("stops what is said and every timer on each way out of a connection, and on no other", () => {
    for (const { from, to, effects } of STEPS) {
      const leaves = WITH_CONNECTION.includes(from) && !WITH_CONNECTION.includes(to);
      expect(effects.includes("halt")).toBe(leaves);
    }
  });

  it("belongs to no connection any more before the end of it is told", () => {
    for (const { effects } of STEPS) {
      const at = effects.indexOf("tellDown");
      if (at >= 0) expect(effects.slice(0, at)).toEqual(["forget", "halt"]);
    }
  });

  it("tells the end once, and last", () => {
    for (const { input, effects } of STEPS) {
      expect(effects.includes("finish")).toBe(input === "ended");
      if (input === "ended") expect(effects.at(-1)).toBe("finish");
    }
  });
});

describe("the diagram in ADR-0036", () => {
  it("is up to date (if not: npm run build && node scripts/state-diagram.js --write)", () => {
    const record = readFileSync(script.LINK_RECORD, "utf8");
    expect(script.withLinkStates(record, LINK_TRANSITIONS)).toBe(record);
  });

  it("has an arrow or an entry for every cell of the table", () => {
    const drawn = script.renderStates(LINK_TRANSITIONS);
    for (const { from, input, cell } of CELLS) {
      const pattern =
        cell === "ignore"
          ? new RegExp(`^- \`${from}\`: .*\`${input}\``, "m")
          : new RegExp(
              `^  ${from} --> ${cell.to} : (.* or )?${input}( or .*)? / ${list(cell.effects)}$`,
              "m",
            );
      expect(drawn, `${from} on ${input}`).toMatch(pattern);
    }
  });
});
