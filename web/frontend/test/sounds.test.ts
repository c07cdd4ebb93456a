import { expect, it } from "vitest";
import { SOUNDS, soundOf } from "../src/sounds";

it("tells what became of a read by rhythm alone", () => {
  const rhythms = Object.values(SOUNDS).map((tones) =>
    JSON.stringify(tones.map(({ fromMs, forMs }) => [fromMs, forMs])),
  );
  expect(new Set(rhythms).size).toBe(rhythms.length);
});

it("is over before the next read comes", () => {
  for (const tones of Object.values(SOUNDS)) {
    for (const { fromMs, forMs } of tones) expect(fromMs + forMs).toBeLessThanOrEqual(500);
  }
});

it("does not sound as if all were well where a lot is on hold", () => {
  expect(soundOf({ status: "accepted" })).toBe("accepted");
  expect(soundOf({ status: "accepted", on_hold: true })).toBe("kept");
  expect(soundOf({ status: "ignored", on_hold: true })).toBe("kept");
});
