import { expect, test } from "vitest";
import { Aloud } from "../src/aloud";

function station(): { said: string[]; aloud: Aloud } {
  const said: string[] = [];
  const aloud = new Aloud({
    dropped: () => said.push("scan again"),
    kept: (count) => said.push(`${count} kept`),
  });
  return { said, aloud };
}

test("a scan thrown away is said once, and nothing of what was before this page", () => {
  const { said, aloud } = station();
  for (const dropped of [3, 3, 4, 4, 6]) aloud.hear({ kept: 0, dropped }, false);
  expect(said).toEqual(["scan again", "scan again"]);
});

test("a station that starts again begins to count again", () => {
  const { said, aloud } = station();
  for (const dropped of [5, 0, 1]) aloud.hear({ kept: 0, dropped }, false);
  expect(said).toEqual(["scan again"]);
});

test("reads kept are said while the server is away only", () => {
  const { said, aloud } = station();
  aloud.hear({ kept: 0, dropped: 0 }, false);
  aloud.hear({ kept: 1, dropped: 0 }, false);
  aloud.hear({ kept: 2, dropped: 0 }, true);
  aloud.hear({ kept: 2, dropped: 0 }, true);
  aloud.hear({ kept: 0, dropped: 0 }, true);
  expect(said).toEqual(["2 kept"]);
});
