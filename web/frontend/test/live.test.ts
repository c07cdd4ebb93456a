import { expect, it } from "vitest";
import { Live, Refused, type Tools } from "../src/live";
import type { Result, Session } from "../src/session";

const SESSION = { lines: [] } as unknown as Session;

function result(id: string): Result {
  return { id, status: "accepted", item: "SER1", pieces: 1, message: "" };
}

class Stream extends EventTarget {
  readyState = 1;
  send(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
  close() {
    this.readyState = 2;
  }
}

function station(answers: (() => unknown)[] = []) {
  const heard: string[] = [];
  const streams: Stream[] = [];
  const timers: (() => void)[] = [];
  const tools: Tools = {
    stream: () => {
      streams.push(new Stream());
      return streams.at(-1) as unknown as EventSource;
    },
    ask: async () => answers.shift()?.(),
    later: (work) => {
      timers.push(work);
    },
  };
  const live = new Live(
    { live: "/live", session: "/session" },
    {
      session: () => heard.push("session"),
      read: (read) => heard.push(`read ${read.id}`),
      status: (status) => heard.push(status.station),
      connected: (why) => heard.push(why || "here"),
      signedOut: () => heard.push("signed out"),
    },
    tools,
  );
  live.start();
  const pass = async () => {
    const work = timers.shift();
    work?.();
    for (let i = 0; i < 4; i++) await Promise.resolve();
  };
  const now = (): Stream => streams.at(-1) as Stream;
  return { live, heard, streams, now, pass };
}

it("shows what others read, and what it read itself only once", () => {
  const { live, heard, now } = station();
  live.own(["mine"]);
  now().send("read", { result: result("mine"), session: SESSION });
  now().send("read", { result: result("theirs"), session: SESSION });
  expect(heard).toEqual(["session", "read theirs", "session"]);
});

it("waits while the browser tries the stream again", () => {
  const { heard, streams, now } = station();
  now().fail(0);
  now().dispatchEvent(new Event("open"));
  expect(heard).toEqual(["away", "here"]);
  expect(streams.length).toBe(1);
});

it("asks where there is no stream to be had, and shows only what is new", async () => {
  const last = (n: number, id: string) => () => ({ session: SESSION, last: { n, ...result(id) } });
  const { heard, now, pass } = station([last(7, "old"), last(8, "new"), last(8, "new")]);
  now().fail(2);
  for (let i = 0; i < 4; i++) await pass();
  expect(heard.filter((told) => told.startsWith("read"))).toEqual(["read new"]);
  expect(heard.filter((told) => told === "here").length).toBe(3);
});

it("tries the stream again after a while of asking", async () => {
  const { streams, now, pass } = station(Array(40).fill(() => ({ session: SESSION })));
  now().fail(2);
  for (let i = 0; i < 35; i++) await pass();
  expect(streams.length).toBe(2);
});

it("says when it may not ask, when the answer is an error, and when nobody answers", async () => {
  const answer = (problem: Error) => () => {
    throw problem;
  };
  const { heard, now, pass } = station(
    [new Refused(401), new Refused(500), new TypeError("network")].map(answer),
  );
  now().fail(2);
  for (let i = 0; i < 5; i++) await pass();
  expect(heard.slice(0, 3)).toEqual(["signed out", "error", "away"]);
});

it("is silent after it was stopped, and begins again", () => {
  const { live, streams, now } = station();
  live.stop();
  expect(now().readyState).toBe(2);
  live.start();
  expect(streams.length).toBe(2);
});
