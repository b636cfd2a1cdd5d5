/** What this package makes of computed outputs beside what a library made of the same, kept in test/fixtures/vision/. */
export interface Golden {
  readonly library: string;
  /** The head or the function. */
  readonly what: string;
  readonly cases: number;
  /** Boxes, masks or pixels that were compared. */
  readonly compared: number;
  readonly unit: "boxes" | "masks" | "pixels";
  /** A line for each case that is not as the library's. */
  readonly wrong: readonly string[];
  /** Of numbers that are written down; 0 where every byte is the same. */
  readonly largest: number;
}

/** Adds up cases whose bytes are the library's or not. */
export class Tally {
  readonly wrong: string[] = [];
  cases = 0;
  compared = 0;
  largest = 0;

  /** @param is That which was made here, and what the library made; equal as JSON or not. */
  equal(where: string, got: unknown, expected: unknown, compared: number): void {
    this.#count(compared);
    const [own, other] = [JSON.stringify(got), JSON.stringify(expected)];
    if (own !== other) this.wrong.push(`${where}: expected ${other}, got ${own}`);
  }

  /** Numbers one by one, which may differ by `most`. */
  near(where: string, got: readonly number[], expected: readonly number[], most: number): void {
    if (got.length !== expected.length) {
      this.wrong.push(`${where}: expected ${expected.length} numbers, got ${got.length}`);
      return;
    }
    for (const [index, own] of got.entries()) {
      const difference = Math.abs(own - (expected[index] ?? Number.NaN));
      this.largest = Math.max(this.largest, difference);
      if (!(difference <= most)) this.wrong.push(`${where}: expected ${expected[index]} at ${index}, got ${own}`);
    }
  }

  #count(compared: number): void {
    this.cases++;
    this.compared += compared;
  }

  finish(library: string, what: string, unit: Golden["unit"]): Golden {
    const { cases, compared, wrong, largest } = this;
    return { library, what, cases, compared, unit, wrong, largest };
  }
}

/** One line for each head or function, with the cases of all of its comparisons. */
export function formatGoldens(goldens: readonly Golden[]): string[] {
  const rows = new Map<string, Golden>();
  for (const one of goldens) {
    const name = `| ${one.library} | ${one.what} |`;
    const before = rows.get(name);
    rows.set(name, before === undefined ? one : sum(before, one));
  }
  return [
    "| library | head or function | cases | compared | differences | largest difference |",
    "| --- | --- | --- | --- | --- | --- |",
    ...Array.from(rows, ([name, { cases, compared, unit, wrong, largest }]) => {
      // The last digits of an exponential are the engine's.
      const size = largest === 0 ? "0" : `below 1e${Math.ceil(Math.log10(largest))}`;
      return `${name} ${cases} | ${compared} ${unit} | ${wrong.length} | ${size} |`;
    }),
  ];
}

function sum(one: Golden, other: Golden): Golden {
  return {
    ...one,
    cases: one.cases + other.cases,
    compared: one.compared + other.compared,
    wrong: [...one.wrong, ...other.wrong],
    largest: Math.max(one.largest, other.largest),
  };
}
