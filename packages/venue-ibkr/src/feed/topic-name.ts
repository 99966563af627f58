import { WsError } from "@oath-ws/contract";

/** What a topic is about: the first word of its name (I-17). */
export type TopicKind =
  | "smd"
  | "smh"
  | "sbd"
  | "sor"
  | "str"
  | "spl"
  | "ssd"
  | "sld"
  | "act"
  | "sts"
  | "ntf"
  | "blt"
  | "system";

/** A topic, taken apart. */
export interface TopicName {
  /** As in the venue's frames. */
  readonly name: string;
  readonly kind: TopicKind;
  /** What follows the kind: contract, account, exchange. */
  readonly args: readonly string[];
}

/**
 * How a kind of topic is told to the venue.
 *
 * - `session`: it needs the brokerage session (I-18). `sts` is counted among the others, because it
 *   tells of that very session
 * - `command`: it has to be asked for; the rest comes by itself
 * - `answered`: its first frame, a whole state, tells that the venue has it. The others have no
 *   answer of any kind
 */
interface KindRules {
  readonly session: boolean;
  readonly command: boolean;
  readonly answered: boolean;
  readonly args: readonly ("contract" | "listed" | "account" | "exchange")[];
}

const KINDS: Readonly<Record<TopicKind, KindRules>> = {
  smd: { session: true, command: true, answered: true, args: ["listed"] },
  smh: { session: true, command: true, answered: true, args: ["contract"] },
  sbd: { session: true, command: true, answered: false, args: ["account", "contract", "exchange"] },
  sor: { session: true, command: true, answered: false, args: [] },
  str: { session: true, command: true, answered: false, args: [] },
  spl: { session: false, command: true, answered: false, args: [] },
  ssd: { session: false, command: true, answered: false, args: ["account"] },
  sld: { session: false, command: true, answered: false, args: ["account"] },
  act: { session: true, command: false, answered: false, args: [] },
  sts: { session: false, command: false, answered: false, args: [] },
  ntf: { session: true, command: false, answered: false, args: [] },
  blt: { session: true, command: false, answered: false, args: [] },
  system: { session: false, command: false, answered: false, args: [] },
};

const ARGS = {
  contract: { pattern: /^[1-9]\d{0,14}$/, example: "a contract id such as 265598" },
  listed: {
    pattern: /^[1-9]\d{0,14}(@[A-Z0-9.]+)?$/,
    example: "a contract id such as 265598 or 265598@SMART",
  },
  account: { pattern: /^[A-Za-z0-9.]{1,32}$/, example: "an account such as U1234567" },
  exchange: { pattern: /^[A-Z0-9.]+$/, example: "an exchange such as NASDAQ" },
} as const;

/**
 * Reads the name of a topic: `smd+265598`, `ssd+U1234567`, `sor`.
 *
 * @throws WsError `TOPIC_INVALID` saying what is wrong
 */
export function parseTopicName(text: string): TopicName {
  const [kind = "", ...args] = text.split("+");
  if (!isKind(kind)) throw invalid(`is of no kind (known: ${Object.keys(KINDS).join(", ")})`);
  const wanted = KINDS[kind].args;
  if (args.length !== wanted.length) {
    const form = [
      kind,
      ...wanted.map((arg) => ARGS[arg].example.replace(/^.*such as (\S+).*$/, "$1")),
    ].join("+");
    throw invalid(`has the form ${form}`);
  }
  for (const [index, arg] of wanted.entries()) {
    const { pattern, example } = ARGS[arg];
    if (!pattern.test(args[index] ?? "")) throw invalid(`needs ${example}`);
  }
  return { name: text, kind, args };
}

/** The first word of a topic. */
export function kindOf(topic: string): string {
  const plus = topic.indexOf("+");
  return plus < 0 ? topic : topic.slice(0, plus);
}

/** How a topic is told to the venue. */
export function rulesOf(topic: string): KindRules {
  return KINDS[kindOf(topic) as TopicKind];
}

export function isKind(text: string): text is TopicKind {
  return Object.hasOwn(KINDS, text);
}

function invalid(problem: string): WsError {
  return new WsError({ kind: "client", code: "TOPIC_INVALID", message: `the topic ${problem}` });
}
