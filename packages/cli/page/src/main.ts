// The page of the dashboard. How this works: the feed brings a tick twice a second into the model;
// each tick asks for frames, in which the views draw what is on the screen, a bounded amount before
// each frame. Buttons say something to the server, whose answer is shown and read out.
import type { LifecycleSnapshot } from "@oath-ws/web";
import type { FromServer, PageWatch } from "../../src/dash/protocol.js";
import { Banner } from "./banner.js";
import { LEVEL } from "./card.js";
import { CardList } from "./card-list.js";
import { onColours } from "./colours.js";
import { Detail } from "./detail.js";
import { byId, setText, show } from "./elements.js";
import { Feed } from "./feed.js";
import { span, timeOfDay } from "./format.js";
import { Frames } from "./frames.js";
import { HappeningsView } from "./happenings.js";
import { Model } from "./model.js";
import { Simulators } from "./simulators.js";
import { storedToken, storeToken, takeCode } from "./token.js";
import { Topics } from "./topics.js";
import { TopicView } from "./topic.js";

/** Without a tick the page is drawn as often all the same: its times go on. */
const DRAW_EVERY_MS = 500;

const model = new Model();
const frames = new Frames();
let code = takeCode();
let watch: PageWatch = {
  type: "watch",
  connection: undefined,
  topic: undefined,
  filter: "",
  from: 0,
};
let state: LifecycleSnapshot | undefined;

/** Whether a person has chosen the connection that is shown. */
let isChosen = false;

const banner = new Banner();
const detail = new Detail();
const topic = new TopicView();
const happenings = new HappeningsView();
const simulators = new Simulators((simulator, fault) =>
  feed.say({ type: "fault", token: storedToken() ?? "", simulator, fault }),
);
const cards = new CardList({
  onSelect: (connection) => {
    isChosen = true;
    select({ connection });
  },
  onReconnect: (connection) =>
    feed.say({ type: "reconnect", token: storedToken() ?? "", connection }),
});
const topics = new Topics({
  onSelect: (key) => select({ topic: key }),
  onRange: (filter, from) => select({ filter, from }),
});

const feed = await Feed.open({
  hello: () => ({ type: "hello", token: storedToken(), code }),
  watch: () => watch,
  onMessage,
  onState: (snapshot) => {
    state = snapshot;
    frames.draw(banner, drawState);
  },
});

byId<HTMLSelectElement>("window").addEventListener("change", ({ currentTarget }) => {
  model.windowMs = Number((currentTarget as HTMLSelectElement).value);
  draw();
});
byId("new-code").addEventListener("click", () => feed.say({ type: "newCode" }));
addEventListener("hashchange", () => {
  const next = takeCode();
  if (next === undefined) return;
  code = next;
  feed.restart();
});
onColours(() => {
  detail.recolour();
  topic.recolour();
  draw();
});
setInterval(() => {
  if (model.isBlind) draw();
}, DRAW_EVERY_MS);

function onMessage(message: FromServer): void {
  const { blind } = model;
  let isOtherRun = false;
  switch (message.type) {
    case "welcome": {
      // The code is used up, or was none.
      code = undefined;
      if (message.token !== undefined) storeToken(message.token);
      else if (!message.mayAct) storeToken(undefined);
      isOtherRun = model.begin(message);
      // Keys of another run name something else there.
      if (isOtherRun) {
        isChosen = false;
        select({ connection: undefined, topic: undefined });
      }
      simulators.fill(message.simulators);
      show(byId("locked"), !message.mayAct);
      break;
    }
    case "tick":
      model.take(message);
      if (!isChosen) chooseConnection();
      if (watch.topic === undefined) chooseTopic();
      draw();
      break;
    case "answer":
      setText(byId("answer"), message.text);
      byId("answer").className = message.ok ? "good" : "bad";
      break;
    default:
      message satisfies never;
  }
  if (model.blind !== blind) banner.sawAgain(model, isOtherRun);
}

/** Until a person chooses, the page shows a connection that has not ended, where there is one. */
function chooseConnection(): void {
  const all = model.tick?.connections ?? [];
  const shown = model.figuresOf(watch.connection);
  if (shown !== undefined && LEVEL[shown.phase] !== "ended") return;
  const chosen = all.find(({ phase }) => LEVEL[phase] !== "ended") ?? all[0];
  if (chosen !== undefined && chosen.key !== watch.connection) select({ connection: chosen.key });
}

/** The first thing that one sees of topics is a book, where there is one. */
function chooseTopic(): void {
  const rows = model.tick?.topics.rows ?? [];
  const chosen = rows.find(({ kind }) => kind === "book") ?? rows[0];
  if (chosen !== undefined) select({ topic: chosen.key });
}

function select(change: Partial<PageWatch>): void {
  watch = { ...watch, ...change };
  feed.say(watch);
  draw();
}

function draw(): void {
  frames.draw(cards, () => cards.draw(model, frames, watch.connection));
  frames.draw(detail, () => detail.draw(model, frames, watch.connection));
  frames.draw(topics, () => topics.draw(model, watch.topic));
  frames.draw(topic, () => topic.draw(model, frames));
  frames.draw(happenings, () => happenings.draw(model));
  frames.draw(banner, drawState);
}

function drawState(): void {
  if (state !== undefined) banner.draw(model, state);
  const { welcome, tick } = model;
  simulators.enable(welcome?.mayAct === true && !model.isBlind);
  if (welcome !== undefined)
    setText(
      byId("program"),
      `oath-ws ${welcome.version}; watched since ${timeOfDay(welcome.startedAt)}`,
    );
  const { work } = frames;
  const footer = byId("work");
  setText(
    footer,
    `Frames drawn: ${work.frames}; most jobs before one frame: ${work.mostJobs}; longest ` +
      "drawing: " +
      `${span(work.longestMs)}; updates skipped: ${tick?.skipped ?? 0}`,
  );
  footer.dataset["mostJobs"] = `${work.mostJobs}`;
  footer.dataset["longestMs"] = `${work.longestMs}`;
}
