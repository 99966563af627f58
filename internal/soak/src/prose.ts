/** What the comparison says that no run can know. The figures are in the tables. */
export const METHOD = `Each client runs in a process of its own, with its defaults, against a
server on loopback that keeps its own record. Every figure comes from that record and the clock of
the server's process; only announcements and the numbers of delivered frames come from the client.
Up to eight runs go on at a time; burst and slow-consumer one by one. Every row is one run: backoff
is drawn at random, so *back* is one draw of many, not a mean. \`oath-ws soak --client FILE\` drives
any other client in the same way; the drivers are in [internal/soak](../internal/soak).`;

export const READING = `### How to read it

The faults and the bounds were chosen by us, for feeds that orders depend on; for a chat window
other things count. Most clients here do not claim to notice a silence or to heed \`Retry-After\`:
their cells say which mechanism is missing, not that one is broken. Defaults are compared: a
timeout, a longer delay or a hook would mend several of the cells, in code of the application. Our
*mute* cells, too, are code of the application or a setting of the adapter; without it both our
leaves would be in the same cell as all others.

The slow reader is slow in what follows its handler, and does not block the event loop. A client
that hands over by event cannot wait for it: what then piles up is the application's queue, and
counts as growth, because the process has to hold it.

### What ours does worse

- **401 ends it** after four attempts. An operator who mends the credentials afterwards must connect
  again by hand; clients that go on trying come back.
- **A slow reader loses frames**, the oldest, although it is told of each. tardis-dev and other
  clients that read from the socket only what the application takes lose none, and hold up the
  server for as long as it stands that; clients that queue without bound lose none while the memory
  lasts.
- **A text sent in a gap is the application's again.** It is rejected, and nothing sends it later
  unless asked to; clients with a queue need no such code.
- **It is not the first to be back.** Its backoff grows and is drawn at random, so that thousands do
  not come back at the same moment: a client with a constant delay of half a second is back sooner
  after an outage of some seconds, and much sooner after half a minute of accept-then-close.
- **The transport renews nothing by itself**, and does not tell a mute feed from a quiet one. The
  venue adapters do both.
- **A silence is noticed** by default after 10 s (\`stale\`) and ended after 15 s; \`binance\` is
  back a little sooner.`;
