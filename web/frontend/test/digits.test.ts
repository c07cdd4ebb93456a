import { describe, expect, it } from "vitest";
import { bare, commandsFor, digitsOf, numberAfter, type Stroke } from "../src/digits";

const stroke = (code: string, key: string): Stroke => ({ code, key, character: true });

it("takes digits by their position: a Belgian row needs no Shift", () => {
  expect(digitsOf([stroke("Digit1", "&"), stroke("Digit2", "2"), stroke("Numpad0", "0")])).toBe(
    "120",
  );
  expect(
    digitsOf([stroke("Numpad2", "2"), stroke("NumpadDecimal", ","), stroke("Digit5", "(")]),
  ).toBe("2.5");
  expect(digitsOf([stroke("Digit1", "1"), stroke("KeyQ", "a")])).toBeNull();
});

it("types a number by commands", () => {
  expect(commandsFor("2.5")).toEqual(["digit-2", "point", "digit-5"]);
});

describe("the number after reads that are on their way", () => {
  it.each([
    ["", ["digit-1", "digit-2"], "12"],
    ["1", ["digit-2", "point", "digit-5"], "12.5"],
    ["", ["times-5"], "5"],
    ["", ["times-5", "digit-3"], "3"],
    ["12", ["times-1"], ""],
    ["12", ["clear", "digit-4"], "4"],
    ["12", [undefined], ""],
    ["1.5", ["point"], ""],
    ["1234567", ["digit-8"], ""],
  ])("%s then %j", (before, commands, after) => {
    expect(bare(numberAfter(before, commands))).toBe(after);
  });
});
