import type { NatsOptions } from "@oath-ws/relay";
import { UsageError } from "../usage-error.js";

/** The options of a command that talks to a NATS server, for `parseArgs`. */
export const NATS_FLAGS = {
  name: { type: "string" },
  "nats-credentials": { type: "string" },
  "nats-ca": { type: "string" },
  "nats-cert": { type: "string" },
  "nats-key": { type: "string" },
} as const;

/** As they were given. */
export interface NatsFlagValues {
  readonly name?: string | undefined;
  readonly "nats-credentials"?: string | undefined;
  readonly "nats-ca"?: string | undefined;
  readonly "nats-cert"?: string | undefined;
  readonly "nats-key"?: string | undefined;
}

export const NATS_USAGE =
  "[--name NAME] [--nats-credentials FILE] [--nats-ca FILE] [--nats-cert FILE --nats-key FILE]";

/** How `oath-ws relay` is called. */
export const RELAY_USAGE: string = [
  "oath-ws relay --venue VENUE STREAM[,STREAM...] --nats nats://HOST:PORT",
  `[--sim | --url <ws-or-wss-url>] [--replicas N] ${NATS_USAGE}`,
  "[--encoding sbe] [--key FILE] [--for DURATION] [--json]",
].join(" ");

/** What a relay is called when nothing else is said. */
const NAME = "feed";

/** Where a relay is, as the library takes it. */
export interface RelayAddress {
  readonly nats: NatsOptions;
  readonly shard: string;
}

/** Understands the options. `url` may name several servers, separated by commas. */
export function relayAddress(url: string, values: NatsFlagValues): RelayAddress {
  return {
    shard: values.name ?? NAME,
    nats: {
      url: url.split(","),
      credentialsFile: values["nats-credentials"],
      tlsCaFile: values["nats-ca"],
      tlsCertFile: values["nats-cert"],
      tlsKeyFile: values["nats-key"],
    },
  };
}

/** Throws a UsageError when options of a relay were given to a command that reads no relay. */
export function refuseNatsFlags(values: NatsFlagValues): void {
  for (const flag of Object.keys(NATS_FLAGS) as (keyof NatsFlagValues)[])
    if (values[flag] !== undefined) throw new UsageError(`--${flag} goes with --relay`);
}
