import { readFileSync } from "node:fs";
import { open } from "oath-ws";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeServer, LEAVES } from "./support/describe-server.js";
import { firstFailure, QUICK, receive, Trail, until } from "./support/feed.js";
import { freePort, Program } from "./support/program.js";

const HOME = "/usr/share/tomcat10";
const EXAMPLES = "/usr/share/tomcat10-examples/examples";
const TOMCAT = [
  { package: "tomcat10", file: `${HOME}/bin/bootstrap.jar` },
  { package: "tomcat10-examples", file: `${EXAMPLES}/WEB-INF/web.xml` },
];

/** A Java machine is up after three seconds on an idle machine. */
const START_MS = 90_000;

interface Tomcat extends AsyncDisposable {
  readonly program: Program;
  readonly url: string;
}

async function startTomcat(): Promise<Tomcat> {
  const port = await freePort();
  const server = `<?xml version="1.0"?>
    <Server port="-1"><Service name="test">
      <Connector port="${port}" address="127.0.0.1" protocol="HTTP/1.1"/>
      <Engine name="test" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false">
        <Context path="/examples" docBase="${EXAMPLES}"/>
      </Host></Engine>
    </Service></Server>`;
  const program = await Program.start({
    command: "/usr/bin/java",
    args: (folder) => [
      "-Xmx128m",
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      ...["-cp", `${HOME}/bin/bootstrap.jar:${HOME}/bin/tomcat-juli.jar`],
      ...[
        `-Dcatalina.home=${HOME}`,
        `-Dcatalina.base=${folder}`,
        `-Djava.io.tmpdir=${folder}/temp`,
      ],
      ...["org.apache.catalina.startup.Bootstrap", "start"],
    ],
    files: () => ({
      "conf/server.xml": server,
      "conf/web.xml": readFileSync("/etc/tomcat10/web.xml", "utf8"),
      "temp/here": "",
    }),
    listens: port,
  });
  return {
    program,
    url: `ws://127.0.0.1:${port}/examples/websocket`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

describeServer("Tomcat 10", TOMCAT, () => {
  let tomcat: Tomcat;
  beforeAll(async () => {
    tomcat = await startTomcat();
  }, START_MS);
  afterAll(() => tomcat[Symbol.asyncDispose]());

  // Its buffers hold 8 KiB: a longer message is read and echoed in parts, ten fragments for this
  // one.
  it.each(
    LEAVES.flatMap((leaf) =>
      [false, true].flatMap((deflate) =>
        ["echoAnnotation", "echoProgrammatic"].map((path) => ({ leaf, deflate, path })),
      ),
    ),
  )(
    "$leaf, deflate $deflate: $path echoes long messages whole",
    async ({ leaf, deflate, path }) => {
      await using feed = await open(`${tomcat.url}/${path}`, {
        transport: leaf,
        config: QUICK,
        socket: { perMessageDeflate: deflate },
      });
      const text = `x${"é€😀".repeat(10_000)}`;
      await feed.sink.send(text);
      const echo = await receive(feed);
      expect({ kind: echo.kind, same: echo.text() === text }).toEqual({ kind: "text", same: true });
      const bytes = Buffer.from(text);
      await feed.sink.send(bytes);
      const raw = await receive(feed);
      expect({ kind: raw.kind, same: bytes.equals(raw.data) }).toEqual({
        kind: "binary",
        same: true,
      });
      expect(feed.lifecycle.snapshot.epoch).toBe(1);
    },
  );

  // An endpoint that takes whole messages only has no place for more than its buffer: 1009,
  // although 60 kB are little.
  it.each(LEAVES)(
    "%s: a message above its buffer ends the connection with 1009, and the feed goes on",
    async (leaf) => {
      await using feed = await open(`${tomcat.url}/snake`, { transport: leaf, config: QUICK });
      expect((await receive(feed)).text()).toContain('"type": "join"');
      await feed.sink.send("x".repeat(60_000));
      await until(feed.lifecycle, ({ phase }) => phase === "resumed");
      expect(feed.lifecycle.snapshot.cause).toMatchObject({
        code: "PEER_CLOSED",
        close: { code: 1009 },
        epoch: 1,
      });
      let frame = await receive(feed);
      while (frame.epoch === 1) frame = await receive(feed);
      expect(frame.text()).toContain('"type": "join"');
    },
  );

  it.each(LEAVES)("%s: a path without an endpoint is a wrong address", async (leaf) => {
    const tracer = new Trail();
    await using feed = await open(`${tomcat.url}/nothing`, {
      transport: leaf,
      tracer,
      config: QUICK,
      awaitFirst: false,
    });
    const { error, verdict } = await firstFailure(feed, tracer);
    expect({ error, verdict }).toMatchObject({
      error: { code: "UPGRADE_REFUSED", status: 404 },
      verdict: "permanent",
    });
    await until(feed.lifecycle, ({ phase }) => phase === "unrecoverable");
  });

  // The last of them, for it ends the server. It says 1001 before its port is closed; a client that
  // dials at once may still be answered 404 or 503, which for a connection that has been up is no
  // wrong address but a deploy.
  it("both leaves: when it stops they are told with 1001, and go on trying", async () => {
    const both = await Promise.all(
      LEAVES.map(async (leaf) => {
        const tracer = new Trail();
        return {
          tracer,
          feed: await open(`${tomcat.url}/echoAnnotation`, {
            transport: leaf,
            tracer,
            config: QUICK,
          }),
        };
      }),
    );
    tomcat.program.signal("SIGTERM");
    for (const { feed, tracer } of both) {
      await until(feed.lifecycle, ({ cause }) => cause?.code === "ECONNREFUSED");
      const failures = tracer.of("failure");
      expect(failures[0]?.error).toMatchObject({
        code: "PEER_CLOSED",
        close: { code: 1001 },
        epoch: 1,
      });
      expect(failures.filter(({ verdict }) => verdict === "permanent")).toEqual([]);
      expect(feed.lifecycle.snapshot.phase).toBe("reconnecting");
      await feed.control.shutdown();
    }
  });
});
