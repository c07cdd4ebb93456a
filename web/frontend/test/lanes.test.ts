import { expect, it, vi } from "vitest";
import type { Session } from "../src/session";

vi.mock("../src/dom", () => ({}));
const { nextIn, nextSilence } = await import("../src/lanes");

const session = (a: number | null, b: number | null) => ({ quiet_at: { a, b } }) as Session;

it("gives an article to the person there until the silence is long enough, lane by lane", () => {
  const now = session(100, 160);
  expect(nextIn(now, "a", 99_999)).toBe("same");
  expect(nextIn(now, "a", 100_000)).toBe("next");
  expect(nextIn(now, "b", 100_000)).toBe("same");
  expect(nextIn(session(null, 160), "a", 100_000)).toBe("new");
  expect(nextIn({} as Session, "a", 0)).toBe("new");
});

it("looks again when the next silence is long enough", () => {
  expect(nextSilence(session(100, 160), 50_000)).toBe(100_000);
  expect(nextSilence(session(100, 160), 100_000)).toBe(160_000);
  expect(nextSilence(session(null, 160), 160_000)).toBe(Number.POSITIVE_INFINITY);
});
