import { describe, expect, it } from "vitest";
import { checkDriver } from "../../src/soak/check-driver.js";
import { PLAIN_DIALECT } from "../../src/soak/driver.js";

const start = (): object => ({});

describe("a driver", () => {
  it.each([
    { start },
    {
      start,
      title: "Any 1.0",
      asksProvider: true,
      dialect: PLAIN_DIALECT,
      notes: { all: "a", mute: "b" },
    },
    {
      start,
      dialect: {
        frame: "%id%",
        subscribedBy: "^/ws",
        answers: [
          { when: "ping", text: "pong" },
          { when: ".", subscribes: true },
        ],
      },
    },
  ])("is taken as it is: %o", (driver) => {
    expect(checkDriver(driver)).toBe(driver);
  });

  it.each([undefined, null, 7, "driver", {}, { start: "now" }])("is not %o", (value) => {
    expect(() => checkDriver(value)).toThrow(
      "the module has no default export with a start() method",
    );
  });

  it("is told everything that is wrong with it", () => {
    const driver = {
      start,
      title: 5,
      asksProvider: "yes",
      notes: { all: 1, rain: "wet" },
      dialect: {
        frame: "{}",
        subscribedBy: "(",
        answers: [null, { when: "[", text: 1, subscribes: 1 }],
      },
    };
    expect(() => checkDriver(driver)).toThrow(
      [
        "it is no driver: title must be a string",
        "asksProvider must be a boolean",
        "notes.all must be a string",
        "notes.rain is no fault",
        "dialect.frame must be a string with %id% in it",
        "dialect.subscribedBy must be a regular expression, as a string",
        "dialect.answers[0] must be an object",
        "dialect.answers[1].when must be a regular expression, as a string",
        "dialect.answers[1].text must be a string",
        "dialect.answers[1].subscribes must be a boolean",
      ].join("; "),
    );
    expect(() =>
      checkDriver({ start, notes: "x", dialect: { frame: "%id%", answers: {} } }),
    ).toThrow("it is no driver: notes must be an object; dialect.answers must be an array");
    expect(() => checkDriver({ start, dialect: 7 })).toThrow(
      "it is no driver: dialect must be an object",
    );
  });
});
