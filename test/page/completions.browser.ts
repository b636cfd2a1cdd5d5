import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type JsonObject, Transformer } from "kserve-transformer";
import { createHttpPredictor } from "kserve-transformer/predictor";
import { describeInBrowser, openPage, problems, startServer, violations } from "./browser.ts";

class Shop extends Transformer {
  static readonly examples = { question: { model: "shop", messages: [{ role: "user", content: "Which book?" }] } };

  override postprocessCompletion(body: JsonObject): JsonObject {
    return { ...body, model: "book-shop" };
  }
}

const repeater = createServer(async (request, response) => {
  const { messages = [] } = request.method === "POST" ? ((await json(request)) as { messages?: unknown[] }) : {};
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ id: "1", model: "repeater", choices: [{ index: 0, message: messages.at(-1) }] }));
});
afterAll(() => void repeater.close());

describeInBrowser("the page, with completions", () => {
  test("an example of a chat goes to OpenAI's route, and is seen through the hooks", async () => {
    repeater.listen(0, "127.0.0.1");
    await once(repeater, "listening");
    const host = `127.0.0.1:${(repeater.address() as AddressInfo).port}`;
    const predictor = createHttpPredictor({ host, protocol: "v1" });
    const page = await openPage(await startServer(Shop, { modelName: "shop", predictor }));
    expect(await page.textContent("[aria-label=Protocol] [aria-pressed=true]")).toBe("OpenAI");
    await page.click('.example:has-text("question")');
    await page.waitForSelector(".result table");
    expect(await page.textContent(".result")).toContain('"model": "book-shop"');
    const rows = await page.$$eval("[aria-label=Protocols] tbody tr", (all) => all.map((row) => row.textContent));
    expect(rows).toEqual([expect.stringMatching(/^OpenAI.*status 200$/)]);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
