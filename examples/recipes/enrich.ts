import { InferenceError, type InferRequest, Transformer } from "kserve-transformer";
import { z } from "zod";

const order = z.object({ customer: z.string() });

/** What a `Pool` of the package pg has. */
export interface Database {
  query(text: string, values: unknown[]): Promise<{ rows: { id: string; age: number; orders: number }[] }>;
}

/** One query for all rows of the request; an unknown customer is a 400 that names the row. */
export class Enrich extends Transformer {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async preprocess(request: InferRequest) {
    const ids = request.rows(order).map(({ customer }) => customer);
    const { rows } = await this.#database.query("SELECT id, age, orders FROM customers WHERE id = ANY($1)", [ids]);
    const vectors = ids.map((id, index) => {
      const found = rows.find((row) => row.id === id);
      if (found !== undefined) return [found.age, found.orders];
      throw new InferenceError(`instances[${index}].customer: not known`, { code: "invalid_argument" });
    });
    return request.withInstances(vectors);
  }
}
