import { expect, it } from "vitest";
import * as testing from "../src/index.js";
import * as venue from "../src/venue/index.js";

it("the package exports what the README promises, and nothing by accident", () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    "DEFAULT_LINK_SETTINGS",
    "LeafRecorder",
    "ManualSpawn",
    "MockConnector",
    "SeededRandom",
    "VirtualNetwork",
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

it("the package exports what tests of venues need, and nothing by accident", () => {
  expect(Object.keys(venue).toSorted()).toEqual([
    "PROPERTIES",
    "SMALL_BUFFER",
    "VirtualSeat",
    "VirtualVenue",
    "followedTopic",
    "venueConformance",
    "virtualRuntime",
    "withHalves",
  ]);
});
