import { DASH_USAGE } from "./dash/dash-command.js";
import { DEMO_USAGE } from "./demo/demo.js";
import { COMPARE_USAGE, PROBE_USAGE } from "./probe/probe-command.js";
import { RECORD_USAGE } from "./recording/record.js";
import { REPLAY_USAGE } from "./recording/replay.js";
import { VERIFY_USAGE } from "./recording/verify.js";
import { RELAY_USAGE } from "./relay/nats-flags.js";
import { SIM_USAGE } from "./sim/sim-command.js";
import { SOAK_USAGE } from "./soak/soak-command.js";
import { RELAY_TAIL_USAGE, TAIL_USAGE, VENUE_TAIL_USAGE } from "./tail.js";

/** What `oath-ws --help` prints. */
export const HELP: string = `oath-ws: a WebSocket transport that tells when a feed is stale or loses

  ${DEMO_USAGE}
      the Binance adapter against a simulated venue on loopback that resets, goes silent, restarts
      and floods
  ${DASH_USAGE}
      a page in your browser: connections, topics, books, and buttons that make things go wrong at a
      simulated venue
  ${VENUE_TAIL_USAGE}
      typed events of a venue's streams, and every gap in them; --sim needs no network
  ${TAIL_USAGE}
      follow any server; --send goes out again after every reconnect
  ${RELAY_USAGE}
      hold a venue's line and share it with any number of machines over NATS JetStream; a second
      one of the same name stands by
  ${RELAY_TAIL_USAGE}
      read what a relay brings, as if the venue's line were here; --sim with --venue relays a
      simulated venue besides
  ${RECORD_USAGE}
      write everything that is received to files, a line per frame, readable after a crash
  ${REPLAY_USAGE}
      give a recording to the real stack and the real adapter, and print what tail would have
      printed
  ${VERIFY_USAGE}
      find every gap in a recording
  ${PROBE_USAGE}
      look at a server: DNS, TCP, TLS, upgrade, deflate, clock, pings, idle and close
  ${COMPARE_USAGE}
      tell which of two lines is earlier, by how much, and which clock is off
  ${SIM_USAGE}
      a simulated venue on loopback for any client, with faults by script and by a control API
  ${SOAK_USAGE}
      drive clients through the faults that lose feeds, on loopback: half-open, mute, refused,
      restarted, flooded and more; a FILE is a module whose default export is a SoakDriver, for any
      client in the world

oath-ws VERB --help explains a verb, with examples and its exit codes.
A DURATION is 500ms, 20s, 2m or 1h. Times of day are of this machine's time zone. Colours are for
terminals only, and NO_COLOR switches them off.
Exit codes of every verb: 0 done, 1 it failed, 2 the command line was not understood.
`;
