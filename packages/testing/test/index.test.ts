import { expect, it } from "vitest";
import * as testing from "../src/index.js";

it("exports what the README promises, and nothing by accident", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "LeafRecorder",
    "ManualSpawn",
    "MockConnector",
    "SeededRandom",
    "VirtualTimer",
    "accept",
    "acceptThenClose",
    "acceptWith",
    "connectorConformance",
    "createWorld",
    "hang",
    "mockHarness",
    "refuse",
  ]);
});
