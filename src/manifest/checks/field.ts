import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from "yaml";

/** A change of a file's text: what stands from `start` up to `end`, in UTF-16 units, becomes `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One place of a manifest, present or not: its value, its path and its line. */
export class Field {
  /** For example `spec.transformer.containers[0].name`. */
  readonly path: string;
  /** Line from 1; of the nearest field above where this one is absent. */
  readonly line: number;
  readonly #node: Node | undefined;
  readonly #source: Source;
  /** Where its entry begins, with the key of a map; undefined below an alias, whose text belongs to other places too. */
  readonly #entry: Node | undefined;
  #fields: readonly [string, Field][] | undefined;

  constructor(source: Source, node: unknown, path: string, line: number, entry?: unknown) {
    this.#source = source;
    this.#node = resolve(source, node);
    this.#entry = isAlias(node) || !isNode(entry) ? undefined : entry;
    this.path = path;
    this.line = line;
  }

  /** The whole of a document. */
  static root(document: Document, lines: LineCounter, text: string): Field {
    const start = document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
    return new Field({ document, lines, text }, document.contents, "", lines.linePos(start).line, document.contents);
  }

  /** The same place as the beginning of an object of its own, as an item of a List is. */
  asRoot(): Field {
    return new Field(this.#source, this.#node, "", this.line, this.#entry);
  }

  /** True for what is written, also when it is empty: `predictor:`. */
  get exists(): boolean {
    return this.#node !== undefined;
  }

  /** True for what is written and not empty: no null, no `{}`, no `[]`. */
  get isFilled(): boolean {
    if (isMap(this.#node) || isSeq(this.#node)) return this.#node.items.length > 0;
    return this.exists && this.scalar !== null;
  }

  get kind(): "map" | "list" | "scalar" | "absent" {
    if (isMap(this.#node)) return "map";
    if (isSeq(this.#node)) return "list";
    return this.#node === undefined ? "absent" : "scalar";
  }

  /** What a scalar stands for in YAML 1.1, as Kubernetes reads it. */
  get scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  get text(): string | undefined {
    return typeof this.scalar === "string" ? this.scalar : undefined;
  }

  get number(): number | undefined {
    return typeof this.scalar === "number" ? this.scalar : undefined;
  }

  /** As written in the file: `0x1F`, `yes`. */
  get source(): string {
    return isScalar(this.#node) && this.#node.source !== undefined ? this.#node.source : String(this.scalar);
  }

  /** The field below, by keys; absent ones have the line of the last that exists. */
  at(...keys: readonly string[]): Field {
    let field: Field = this;
    for (const key of keys) {
      field = field.fields().find(([name]) => name === key)?.[1] ?? field.#absent(key);
    }
    return field;
  }

  /** The fields of a map; nothing for anything else. */
  fields(): readonly [name: string, field: Field][] {
    this.#fields ??= this.#readFields();
    return this.#fields;
  }

  #readFields(): readonly [string, Field][] {
    const own = new Map<string, Field>();
    const merged = new Map<string, Field>();
    for (const pair of isMap(this.#node) ? this.#node.items : []) {
      const key = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : String(pair.key);
      const path = key === "<<" ? this.path : this.#below(key);
      const entry = this.#entry === undefined || key === "<<" ? undefined : pair.key;
      const field = new Field(this.#source, pair.value ?? null, path, this.#lineOf(pair.key), entry);
      if (key !== "<<") own.set(key, field);
      else for (const [name, other] of field.fields()) merged.set(name, other);
    }
    return [...new Map([...merged, ...own])];
  }

  /** The entries of a list; nothing for anything else. */
  items(): readonly Field[] {
    if (!isSeq(this.#node)) return [];
    return this.#node.items.map(
      (item, index) => new Field(this.#source, item, `${this.path}[${index}]`, this.#lineOf(item), this.#entry && item),
    );
  }

  /** The edit that writes another scalar in this one's place; undefined where there is none, or it is shared by an alias. */
  toWritten(scalar: string): Edit | undefined {
    const range = this.#entry !== undefined && isScalar(this.#node) ? this.#node.range : undefined;
    return range ? { start: range[0], end: range[1], text: scalar } : undefined;
  }

  /** The edit that gives the field another name, as `toWritten`. */
  toRenamed(name: string): Edit | undefined {
    const range = this.#entry === this.#node ? undefined : this.#entry?.range;
    return range ? { start: range[0], end: range[1], text: name } : undefined;
  }

  /** The edit that takes the lines of this field out; undefined where it shares one with another, as in `{a: 1, b: 2}`. */
  toRemoved(): Edit | undefined {
    const { text } = this.#source;
    const from = this.#entry?.range?.[0];
    const to = this.#node?.range?.[1];
    if (from === undefined || to === undefined) return undefined;
    const start = text.lastIndexOf("\n", from - 1) + 1;
    const isItem = this.#entry === this.#node;
    if (!(isItem ? /^\s*- +$/ : /^\s*$/).test(text.slice(start, from))) return undefined;
    if (to > 0 && text[to - 1] === "\n") return { start, end: to, text: "" };
    const lineEnd = text.indexOf("\n", to);
    return { start, end: lineEnd < 0 ? text.length : lineEnd + 1, text: "" };
  }

  #absent(key: string): Field {
    return new Field(this.#source, undefined, this.#below(key), this.line);
  }

  #below(key: string): string {
    if (!/^[\w-]+$/.test(key)) return `${this.path}["${key}"]`;
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  #lineOf(node: unknown): number {
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? this.line : this.#source.lines.linePos(start).line;
  }
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly text: string;
}

function resolve(source: Source, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(source.document);
  if (node === null) return source.document.createNode(null);
  return isNode(node) ? node : undefined;
}
