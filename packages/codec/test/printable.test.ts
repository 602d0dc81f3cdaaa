// SPDX-License-Identifier: Apache-2.0
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { printAs, printable, withoutUndefined } from "../src/index.ts";

interface Sized {
  readonly size: number;
  toJSON(): object;
}

class Point extends printable("Point") {
  readonly #x = 1;

  toJSON(): object {
    return { x: this.#x, y: undefined };
  }
}

describe("a printable object", () => {
  it("is printed under its name, with the fields of toJSON", () => {
    expect(inspect(new Point())).toBe("Point { x: 1 }");
    expect(`${new Point()}`).toBe('Point {"x":1}');
  });

  it("is printed with the fields that `show` returns", () => {
    class Shown extends printable<Sized>("Other", ({ size }) => ({ size })) implements Sized {
      readonly size = 2;
      readonly hidden = 3;
      toJSON(): object {
        return { hidden: this.hidden };
      }
    }
    expect(inspect(new Shown())).toBe("Other { size: 2 }");
    expect(`${new Shown()}`).toBe('Other {"size":2}');
  });

  it("is printed by Bun under its name, too, which reads toStringTag", () => {
    const custom = Symbol.for("nodejs.util.inspect.custom");
    const fields = (new Point() as unknown as { [custom]: () => object })[custom]();
    expect(Object.prototype.toString.call(fields)).toBe("[object Point]");
    expect(fields.constructor.name).toBe("Point");
  });

  it("gets no field of its own (printAs)", () => {
    class Plain {
      readonly x = 1;
    }
    printAs("Renamed", Plain.prototype, ({ x }: Plain) => ({ x: x + 1, y: undefined }));
    expect(inspect(new Plain())).toBe("Renamed { x: 2 }");
    expect([Object.keys(new Plain()), Object.keys(Plain.prototype)]).toEqual([["x"], []]);
    expect(new Plain()).toEqual({ x: 1 });
  });
});

describe("withoutUndefined", () => {
  it("keeps every other value, in order", () => {
    const fields = { a: undefined, b: null, c: 0, d: "", e: false, f: [undefined] };
    expect(Object.entries(withoutUndefined(fields))).toEqual(Object.entries(fields).slice(1));
    expect(fields).toHaveProperty("a");
  });
});
