/** What `oath-ws demo --help` prints. */
export function helpOf(usage: string): string {
  return `${usage}

Runs the Binance adapter against a simulated venue on loopback that resets the connection, goes
silent, restarts and floods. Then it compares every id that the venue published with what was
delivered or told as a gap. It needs no network, and runs until Ctrl-C or --for. --record DIR writes
what each connection receives to files in DIR, for replay and verify.

Examples:
  oath-ws demo
  oath-ws demo --for 20s --json
  oath-ws demo --for 20s --record rec

Exit codes: 0 every id was delivered or told as a gap; 1 some were not, or came twice; 2 the command
line was not understood.
`;
}
