// Faults of the relay: of its topics, books and frames.

/** @type {readonly import("./faults.js").Fault[]} */
export const RELAYED = [
  {
    name: "relay-item-told-twice",
    what: "A reader is told the last item again when the engine forgot it.",
    half: "relay",
    changes: [
      {
        file: "packages/relay/src/reader/intake.ts",
        find: "(number <= before || this.#wasHanded",
        put: "(number < before || this.#wasHanded",
      },
    ],
  },
  {
    name: "relay-loss-untold",
    what: "A new owner does not tell readers that events without ids may be missing.",
    half: "relay",
    changes: [
      {
        file: "packages/relay/src/reader/relay-reader.ts",
        find: "    for (const topic of this.#topics) topic.newOwner();\n    this.#break(message);",
        put:
          "    for (const topic of this.#topics) topic.newOwner();\n" +
          "    if (message.seq < 0) this.#break(message);",
      },
    ],
  },
  {
    name: "relay-book-change-left-out",
    what: "One change in fifty of a book is not relayed.",
    half: "relay",
    changes: [
      {
        file: "packages/relay/src/source/book-feed.ts",
        find: "        const { bids, asks, updateId = null } = update;",
        put:
          "        const { bids, asks, updateId = null } = update;\n" +
          "        if (Number(updateId) % 50 === 0) return [];",
      },
    ],
  },
  {
    name: "relay-frame-hole-untold",
    what: "Frames that were dropped before the relay leave no hole in the numbers of its readers.",
    half: "relay",
    changes: [
      {
        file: "packages/relay/src/source/connection-source.ts",
        find: "if (lastSeq > 0 && frame.seq > lastSeq + 1)",
        put: "if (lastSeq > 0 && frame.seq > lastSeq + 1_000)",
      },
    ],
  },
];
