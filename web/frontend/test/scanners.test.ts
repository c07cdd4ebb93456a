import { expect, test } from "vitest";
import { Scanners } from "../src/scanners";

type Scanner = Parameters<Scanners["bar"]>[0][number];

const scanners = () =>
  new Scanners({
    scanner: {
      ready: "Scanner",
      back: "Scanner ready",
      lost: "Scanner not ready",
      absent: "Scanner unplugged",
      gone: "Scanner unplugged",
      busy: "Scanner busy",
    },
    scannerNamed: "%(what)s: %(names)s",
  });

const ready = (name = "desk"): Scanner => ({ name, state: "ready" });
const lost = (why?: string, name = "desk"): Scanner =>
  why ? { name, state: "lost", why } : { name, state: "lost" };

test("the bar is as short as it gets, and true to the reason", () => {
  const here = scanners();
  expect(here.bar([])).toBe("");
  expect(here.bar([ready()])).toBe("Scanner");
  expect(here.bar([lost("gone")])).toBe("Scanner unplugged");
  expect(here.bar([lost("busy")])).toBe("Scanner busy");
});

test("a station that says no reason, or one that is not known here, is not said to be unplugged", () => {
  expect(scanners().bar([lost()])).toBe("Scanner not ready");
  expect(scanners().bar([lost("moonstruck")])).toBe("Scanner not ready");
});

test("of several scanners those that are lost are named", () => {
  const here = scanners();
  expect(here.bar([ready("desk"), ready("door")])).toBe("Scanner");
  expect(here.bar([ready("desk"), lost("busy", "door")])).toBe("Scanner busy: door");
  const both = [lost("absent", "desk"), lost("gone", "door"), ready("van")];
  expect(here.bar(both)).toBe("Scanner unplugged: desk, door");
  const unlike = [lost("busy", "desk"), lost("gone", "door")];
  expect(here.bar(unlike)).toBe("Scanner not ready: desk, door");
});

test("not more than three are named", () => {
  const here = scanners();
  const hub = ["a", "b", "c", "d", "e"].map((name) => lost("gone", name));
  expect(here.bar(hub)).toBe("Scanner unplugged: a, b, c, +2");
  expect(here.news(hub)).toBe("Scanner unplugged: a, b, c, +2");
});

test("lost and back are said aloud once each", () => {
  const here = scanners();
  const said = [
    [ready()],
    [lost("gone")],
    [lost("gone")],
    [lost("absent")],
    [ready()],
    [ready()],
    [lost("gone")],
  ].map((now) => here.news(now));
  const unplugged = "Scanner unplugged";
  expect(said).toEqual(["", unplugged, "", "", "Scanner ready", "", unplugged]);
});

test("what is found to be in the way meanwhile is news", () => {
  const here = scanners();
  expect(here.news([lost("absent")])).toBe("Scanner unplugged");
  expect(here.news([lost("busy")])).toBe("Scanner busy");
  expect(here.news([ready()])).toBe("Scanner ready");
});

test("one that only begins is neither lost nor back", () => {
  const here = scanners();
  for (const one of [lost(), ready(), lost(), ready()]) expect(here.news([one])).toBe("");
  here.news([lost("gone")]);
  expect(here.news([lost()])).toBe("");
  expect(here.news([lost("gone")])).toBe("");
  expect(here.news([ready()])).toBe("Scanner ready");
});

test("of several the names are said, and one taken off the list is forgotten", () => {
  const here = scanners();
  const now = [lost("gone", "desk"), lost("busy", "door"), ready("van")];
  expect(here.news(now)).toBe("Scanner unplugged: desk. Scanner busy: door");
  expect(here.news([lost("busy", "door"), ready("van")])).toBe("");
  const back = [ready("desk"), ready("door"), ready("van")];
  expect(here.news(back)).toBe("Scanner ready: door");
});
