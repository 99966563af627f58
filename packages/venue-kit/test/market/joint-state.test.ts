import { expect, it } from "vitest";
import { JointState } from "../../src/market/joint-state.js";
import { TopicWatch } from "../../src/topic/topic-watch.js";

/** A state that knows who waits for it. */
class Watched extends TopicWatch {
  waiting = 0;

  constructor() {
    super(() => 0);
  }

  override async changed(options?: Parameters<TopicWatch["changed"]>[0]): Promise<boolean> {
    this.waiting++;
    try {
      return await super.changed(options);
    } finally {
      this.waiting--;
    }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("a joint state leaves nothing that waits on a topic that others go on with", async () => {
  const topic = new Watched();
  for (let round = 0; round < 10; round++) {
    const [left, ended] = [new JointState(() => 0), new JointState(() => 0)];
    left.add(topic);
    ended.add(topic);
    await turn();
    expect(topic.waiting).toBe(2);
    left.remove(topic);
    ended.end();
    await turn();
    expect(topic.waiting).toBe(0);
    expect(ended.watch.snapshot.phase).toBe("closed");
  }
});

it("a joint state keeps its totals over topics that come and go, and come again", async () => {
  const [a, b] = [new Watched(), new Watched()];
  const joint = new JointState(() => 0);
  joint.add(a);
  joint.add(b);
  a.counted(3, 2);
  await turn();
  expect(joint.watch.snapshot).toMatchObject({ gaps: 3, breaks: 2 });
  joint.remove(a);
  b.counted(1, 1);
  await turn();
  expect(joint.watch.snapshot).toMatchObject({ gaps: 4, breaks: 3 });
  joint.add(a);
  a.counted(5, 2);
  await turn();
  expect(joint.watch.snapshot).toMatchObject({ gaps: 6, breaks: 3 });
  joint.end();
});
