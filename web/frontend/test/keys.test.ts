import { expect, it } from "vitest";
import { neighbour } from "../src/keys";

// Two rows of three, and one alone in a third.
const boxes = [0, 1, 2, 3, 4, 5, 6].map((n) => ({ x: (n % 3) * 100, y: Math.floor(n / 3) * 80 }));

it("goes along a row and stays at both ends", () => {
  expect(neighbour(boxes, 0, "ArrowRight")).toBe(1);
  expect(neighbour(boxes, 3, "ArrowLeft")).toBe(2);
  expect(neighbour(boxes, 0, "ArrowLeft")).toBe(0);
  expect(neighbour(boxes, 6, "ArrowRight")).toBe(6);
});

it("goes up and down to the nearest of the next row", () => {
  expect(neighbour(boxes, 1, "ArrowDown")).toBe(4);
  expect(neighbour(boxes, 5, "ArrowDown")).toBe(6);
  expect(neighbour(boxes, 6, "ArrowUp")).toBe(3);
  expect(neighbour(boxes, 2, "ArrowUp")).toBe(2);
});
