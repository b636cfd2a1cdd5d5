import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { createTensor, serve } from "kserve-transformer";
import { createHttpPredictor } from "kserve-transformer/predictor";
import { type TestRequest, v1Request, v2Request } from "kserve-transformer/testing";
import ClothingTransformer from "../../examples/clothing/clothing.ts";
import { createGuardedFetch } from "../../src/download/guarded-fetch.ts";
import { ask } from "./ask.ts";
import { writeDocTable } from "./parity/write-doc-table.ts";
import { recordPredictor } from "./record-predictor.ts";
import { type RunningServer, startServer } from "./start-server.ts";

const folder = join(process.env["KSERVE_TRANSFORMER_SHARED"] ?? resolve("..", "shared"), "clothing");
const describeWithPhotos = existsSync(folder) ? describe : describe.skip;

interface Reference {
  readonly nearest: { readonly top: string; readonly logits: readonly number[] };
}

describeWithPhotos("30 photos through the service and KServe's own Python server", () => {
  const reference: Record<string, Reference> = existsSync(folder)
    ? JSON.parse(readFileSync(join(folder, "reference", "outputs.json"), "utf8"))
    : {};
  const photos = Object.keys(reference);
  const table: string[] = [];
  let python: RunningServer;
  let pictures: Server;
  let picturesUrl: string;

  beforeAll(async () => {
    python = await startServer("kserve");
    pictures = createServer((request, response) => {
      response.writeHead(200, { "content-type": "image/jpeg" }).end(readPhoto(decodeURI(request.url ?? "")));
    });
    await new Promise<void>((ready) => pictures.listen(0, "127.0.0.1", ready));
    picturesUrl = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await python?.stop();
    await new Promise((closed) => pictures?.close(closed));
  });

  const readPhoto = (photo: string) => readFileSync(join(folder, "photos", photo));
  const byUrl = (names: readonly string[]) =>
    v1Request({ instances: names.map((name) => ({ url: `${picturesUrl}/${name}` })) });
  const byBytes = (names: readonly string[]) =>
    v2Request([createTensor("image", "BYTES", [names.length], names.map(readPhoto))], { binary: true });

  test.each<[string, string, "v1" | "v2", "on" | "off", (names: readonly string[]) => TestRequest]>([
    ["V1, URLs", "V1", "v1", "off", byUrl],
    ["V1, URLs", "V2 JSON", "v2", "off", byUrl],
    ["V1, URLs", "V2 binary", "v2", "on", byUrl],
    ["V2 binary, the files' bytes", "V2 binary", "v2", "on", byBytes],
  ])(
    "from a %s client to a %s predictor: every label is Python's, and every logit within 1e-4",
    async (client, server, protocol, binary, requestFor) => {
      const fetch = createGuardedFetch({ allow: ["127.0.0.1"] });
      const recorded = recordPredictor(
        createHttpPredictor({ protocol, binary, host: python.url, predictorModelName: "clothing" }),
      );
      const service = await serve(ClothingTransformer, {
        modelName: "clothing",
        host: "127.0.0.1",
        port: 0,
        predictor: recorded.predictor,
        fetch,
      });
      let right = 0;
      let distance = 0;
      try {
        for (let first = 0; first < photos.length; first += 3) {
          const names = photos.slice(first, first + 3);
          const answer = await ask(service.url, "clothing", requestFor(names));
          expect([answer.status, answer.status === 200 ? "" : answer.json["error"]]).toEqual([200, ""]);
          const tops = answer.response.predictions.map(topLabel);
          expect(tops).toEqual(names.map((name) => reference[name]?.nearest.top));
          right += tops.length;

          const logits = recorded.received.at(-1)?.output().data as ArrayLike<number>;
          const expected = names.flatMap((name) => reference[name]?.nearest.logits ?? []);
          expect(logits).toHaveLength(expected.length);
          distance = expected.reduce(
            (largest, value, place) => Math.max(largest, Math.abs(value - (logits[place] as number))),
            distance,
          );
        }
      } finally {
        await service.close();
        await fetch.close();
      }
      expect(right).toBe(30);
      expect(distance).toBeLessThan(1e-4);
      table.push(`| ${client} | ${server} | ${right} of 30 | ${distance < 1e-6 ? "below 1e-6" : "below 1e-4"} |`);
    },
  );

  test("the table in docs/parity.md is written", () => {
    expect(table).toHaveLength(4);
    writeDocTable("clothing", [
      "| client | predictor | labels as Python's | largest difference of a logit |",
      "| --- | --- | --- | --- |",
      ...table,
    ]);
  });
});

/** V1 clients get objects of scores; V2 clients get each as a JSON text. */
function topLabel(prediction: unknown): string | undefined {
  const scores: Record<string, number> = typeof prediction === "string" ? JSON.parse(prediction) : prediction;
  return Object.entries(scores).sort(([, a], [, b]) => b - a)[0]?.[0];
}
