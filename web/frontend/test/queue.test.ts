import { expect, it } from "vitest";
import { Queue, type Read, type Store, uuid4 } from "../src/queue";
import type { Answer } from "../src/session";
import type { Trouble } from "../src/trouble";

class Shelf implements Store {
  readonly kept = new Map<string, string>();
  get length() {
    return this.kept.size;
  }
  key(index: number) {
    return [...this.kept.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.kept.set(key, value);
  }
  removeItem(key: string) {
    this.kept.delete(key);
  }
}

const SESSION = {
  mode: "hand-out",
  number: "",
  expect: "",
  street: false,
  afterwards: false,
  training: false,
  open: true,
  passages: 0,
  passages_at_closing: 0,
  lines: [],
};

function answerTo(reads: Read[]): Answer {
  const results = reads.map(({ id }) => ({
    id,
    status: "accepted" as const,
    item: null,
    pieces: null,
    message: "",
  }));
  return { results, session: SESSION };
}

/** A server whose answers are given one after the other, and everything the page was told. */
function counter(shelf: Shelf, answers: (number | "ok")[], station = "CLIP") {
  const sent: Read[][] = [];
  const told: [number, Trouble][] = [];
  const later: (() => void)[] = [];
  const queue = new Queue(
    station,
    shelf,
    async (reads) => {
      sent.push(reads);
      const answer = answers.shift() ?? "ok";
      return answer === "ok" ? answerTo(reads) : answer;
    },
    (_, kept, trouble) => told.push([kept, trouble]),
    (work) => later.push(work),
  );
  return { queue, sent, told, later };
}

const settled = () => new Promise((done) => setTimeout(done));

it("keeps a read until it is answered, then forgets it", async () => {
  const shelf = new Shelf();
  const { queue, sent, told } = counter(shelf, []);
  queue.add(["1100000149"]);
  expect(shelf.length).toBe(1);
  await settled();
  expect(shelf.length).toBe(0);
  expect(sent.map((reads) => reads.map((read) => read.code))).toEqual([["1100000149"]]);
  expect(told).toEqual([[0, ""]]);
});

it("sends the same id again when the network is away, in the order of the reads", async () => {
  const shelf = new Shelf();
  const { queue, sent, told, later } = counter(shelf, [0, 0, 0]);
  queue.add(["a"]);
  await settled();
  queue.add(["b"]);
  await settled();
  expect(told).toEqual([
    [1, "away"],
    [2, "away"],
  ]);
  expect(later).toHaveLength(1);
  later.shift()?.();
  await settled();
  later.shift()?.();
  await settled();
  expect(shelf.length).toBe(0);
  expect(sent.at(-1)?.map((read) => read.code)).toEqual(["a", "b"]);
  expect(new Set(sent.flat().map((read) => read.id)).size).toBe(2);
});

it.each([500, 502, 503, 404])(
  "keeps a read on %d, which is no missing network, and tries again",
  async (status) => {
    const shelf = new Shelf();
    const { queue, sent, told, later } = counter(shelf, [status, 0]);
    queue.add(["a"]);
    await settled();
    expect(told).toEqual([[1, "error"]]);
    expect(shelf.length).toBe(1);
    later.shift()?.();
    await settled();
    expect(told.at(-1)).toEqual([1, "away"]);
    later.shift()?.();
    await settled();
    expect(told.at(-1)).toEqual([0, ""]);
    expect(shelf.length).toBe(0);
    expect(new Set(sent.flat().map((read) => read.id)).size).toBe(1);
  },
);

it("takes up what another page of this station left, and nothing of another station", async () => {
  const shelf = new Shelf();
  const first = counter(shelf, [0]);
  first.queue.add(["left"]);
  counter(shelf, [0], "TAD").queue.add(["theirs"]);
  await settled();
  const second = counter(shelf, []);
  await second.queue.run();
  expect(second.sent.flat()).toEqual(first.sent[0]);
  expect(shelf.length).toBe(1);
});

it("leaves no time and no id in the names of what it erased", async () => {
  const shelf = new Shelf();
  const names: string[] = [];
  const setItem = shelf.setItem.bind(shelf);
  shelf.setItem = (key, value) => {
    names.push(key);
    setItem(key, value);
  };
  const { queue, sent } = counter(shelf, [0]);
  queue.add(["a"], new Date("2026-11-21T19:30:12Z"));
  queue.add(["b"]);
  await settled();
  await queue.run();
  queue.add(["c"]);
  expect(names.map((name) => name.replace(/\/[0-9a-f-]{36}$/, ""))).toEqual([
    "read/CLIP/000000000",
    "read/CLIP/000000001",
    "read/CLIP/000000000",
  ]);
  for (const { id } of sent.flat()) expect(names.join()).not.toContain(id);
});

it.each([
  [401, "signed-out"],
  [403, "old-page"],
] as const)("keeps everything on %d and says what to do", async (status, trouble) => {
  const shelf = new Shelf();
  const { queue, told, later } = counter(shelf, [status]);
  queue.add(["a"]);
  await settled();
  expect(told).toEqual([[1, trouble]]);
  expect(shelf.length).toBe(1);
  expect(later).toEqual([]);
});

it("sends a long queue in batches", async () => {
  const shelf = new Shelf();
  const { queue, sent } = counter(shelf, [0]);
  for (let i = 0; i < 230; i++) queue.add([String(i)]);
  await settled();
  await queue.run();
  expect(sent.slice(1).map((reads) => reads.length)).toEqual([100, 100, 30]);
  expect(
    sent
      .slice(1)
      .flat()
      .map((read) => read.code),
  ).toEqual([...Array(230).keys()].map(String));
});

it("makes ids of version 4", () => {
  expect(uuid4()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
