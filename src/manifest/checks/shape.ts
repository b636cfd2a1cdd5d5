/** What a field of a manifest may hold, as far as this package checks it. */
export type Shape = "text" | "integer" | "boolean" | "quantity" | "any" | ListShape | MapShape | ObjectShape;

export interface ListShape {
  readonly list: Shape;
}

/** Free keys, values of one shape. */
export interface MapShape {
  readonly map: Shape;
}

export interface ObjectShape {
  readonly fields: Readonly<Record<string, Shape>>;
}

export const list = (shape: Shape): ListShape => ({ list: shape });

export const map = (shape: Shape): MapShape => ({ map: shape });

/** An object from names separated by spaces, by what they hold, and the fields that are more than that. */
export function object(
  names: Readonly<Partial<Record<"text" | "integer" | "boolean" | "quantity" | "any", string>>>,
  fields: Readonly<Record<string, Shape>> = {},
): ObjectShape {
  const simple = Object.entries(names).flatMap(([shape, text]) =>
    text.split(" ").map((name): [string, Shape] => [name, shape as Shape]),
  );
  return { fields: { ...Object.fromEntries(simple), ...fields } };
}
