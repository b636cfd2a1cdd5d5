import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { JsonObject } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import CompletionTransformer from "./transformer.ts";

const body = JSON.parse(readFileSync(new URL("request.json", import.meta.url), "utf8"));

test("the predictor gets the shop's instructions first, the client the shop's name", async () => {
  const asked: JsonObject[] = [];
  const completions = (sent: JsonObject) => {
    asked.push(sent);
    return { model: "llama", choices: [] };
  };
  const shop = testTransformer(CompletionTransformer, { completions });
  const response = await shop.complete("chat/completions", body);
  const [system, ...others] = (asked[0]?.["messages"] ?? []) as { role: string }[];
  assert.equal(system?.role, "system");
  assert.deepEqual(others, body.messages);
  assert.deepEqual(response.json, { model: "book-shop", choices: [] });
  await shop.close();
});

test("each event of a stream carries the shop's name", async () => {
  const completions = () => [
    { model: "llama", n: 1 },
    { model: "llama", n: 2 },
  ];
  const shop = testTransformer(CompletionTransformer, { completions });
  const response = await shop.complete("chat/completions", { ...body, stream: true });
  assert.deepEqual(response.events, [
    { model: "book-shop", n: 1 },
    { model: "book-shop", n: 2 },
  ]);
  await shop.close();
});

test("a body without messages is a 400 that says so, and the predictor is not asked", async () => {
  let asked = 0;
  const completions = () => ({ n: ++asked });
  const shop = testTransformer(CompletionTransformer, { completions });
  const response = await shop.complete("chat/completions", { model: "shop", messages: "hello" });
  assert.equal(response.status, 400);
  assert.match(JSON.stringify(response.json), /messages: expected an array/);
  assert.equal(asked, 0);
  await shop.close();
});
