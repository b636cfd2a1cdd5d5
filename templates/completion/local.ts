import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import CompletionTransformer from "./transformer.ts";

/** The transformer, and a stand-in for its predictor on port 8081 that repeats the last message: `npm run dev`. */
export default class LocalTransformer extends CompletionTransformer {
  readonly #predictor = createServer(async (request, response) => {
    const body = await text(request);
    const { messages = [] } = body === "" ? {} : JSON.parse(body);
    const content = `You said: ${messages.at(-1)?.content}`;
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "1", object: "chat.completion", model: "repeater", choices }));
  });

  override async load() {
    this.#predictor.listen(8081, "127.0.0.1");
    await once(this.#predictor, "listening");
  }

  override close() {
    this.#predictor.closeAllConnections();
    this.#predictor.close();
  }
}
