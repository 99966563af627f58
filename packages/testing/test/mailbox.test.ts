import { expect, it } from "vitest";
import { Mailbox } from "../src/mailbox.js";

it("a mailbox gives each item once, in order, whether it came before or after it was asked for", async () => {
  const mailbox = new Mailbox<number | undefined>();
  mailbox.push(1);
  mailbox.push(undefined);
  const asked = [mailbox.next(), mailbox.next(), mailbox.next(), mailbox.next()];
  mailbox.push(3);
  mailbox.push(4);
  expect(await Promise.all(asked)).toEqual([1, undefined, 3, 4]);
});
