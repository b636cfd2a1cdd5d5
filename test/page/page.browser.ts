import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTensor, type InferRequest, type InferResponse, Transformer } from "kserve-transformer";
import { createFunctionPredictor, createOnnxPredictor } from "kserve-transformer/predictor";
import type { Page } from "playwright-core";
import { z } from "zod";
import ChurnTransformer from "../../examples/churn/churn.ts";
import ClothingTransformer from "../../examples/clothing/clothing.ts";
import { describeInBrowser, drop, openPage, problems, startServer, violations } from "./browser.ts";

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const drawings = here("examples/clothing/drawings");
const isWriting = Boolean(process.env["UPDATE_DOCS"]);

/** Committed under docs/playground; written with UPDATE_DOCS=1 only, since no two machines draw text alike. */
async function picture(page: Page, name: string, fullPage = true): Promise<void> {
  if (isWriting) await page.screenshot({ path: here(`docs/playground/${name}.png`), fullPage });
}

const bars = (page: Page) =>
  page.$$eval(".bars tr", (rows) =>
    rows.map((row) => [row.querySelector("th")?.textContent, row.querySelector(".share")?.textContent]),
  );

describeInBrowser("the page, with pictures", () => {
  let url = "";
  beforeAll(async () => {
    const predictor = createOnnxPredictor({ path: "examples/clothing/clothing.onnx" });
    const playground = { examples: drawings, sources: true, module: "clothing.ts" };
    url = await startServer(ClothingTransformer, { modelName: "clothing", predictor, playground });
  });

  test("a dropped picture is seen as the model sees it, and the response is the same through every protocol and curl", async () => {
    const page = await openPage(url);
    await drop(page, ".drop", "pants.jpg", "image/jpeg", readFileSync(`${drawings}/pants.jpg`));
    await page.waitForSelector(".drop img");
    await page.click("text=Send");
    await page.waitForSelector(".bars");
    const expected = await bars(page);
    expect(expected[0]).toEqual(["pants", "91.5 %"]);

    const shape = await page.textContent(".tensor .shape");
    expect(shape).toBe("[1, 192, 192, 3]");
    // The middle of the picture is blue cloth; the tensor runs from -1 to 1.
    const frame = page.locator(".picture-large .canvas-frame");
    const size = await frame.boundingBox();
    await frame.hover({ position: { x: (size?.width ?? 0) * 0.45, y: (size?.height ?? 0) * 0.5 } });
    const [red = 0, , blue = 0] =
      ((await page.textContent(".probe")) ?? "").split(": ")[1]?.split(" · ").map(Number) ?? [];
    expect(blue).toBeGreaterThan(red + 0.2);
    const pixel = await page.$eval(".picture-large canvas", (canvas) => [
      ...((canvas as HTMLCanvasElement).getContext("2d")?.getImageData(86, 96, 1, 1).data ?? []),
    ]);
    expect(pixel[2]).toBeGreaterThan((pixel[0] ?? 0) + 25);

    await page.waitForFunction(() => document.querySelectorAll(".tools td.same").length === 4);
    for (const protocol of ["V2 binary", "gRPC", "V2"]) {
      await page.click(`.send button:text-is("${protocol}")`);
      await page.waitForSelector(`.response .quiet:has-text("${protocol}")`);
      expect(await bars(page)).toEqual(expected);
    }
    await page.click('.send button:text-is("V1")');
    await page.waitForSelector('.response .quiet:has-text("V1")');

    await page.click("text=Take it with you");
    await page.click('.snippet button:text-is("Copy")');
    await page.waitForSelector("text=Copied");
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: drawings });
    const [scores] = (JSON.parse(stdout) as { predictions: Record<string, number>[] }).predictions;
    for (const [label, share] of expected) expect(`${((scores?.[label ?? ""] ?? 0) * 100).toFixed(1)} %`).toBe(share);
  });

  test("an example is one click, and two runs can be compared", async () => {
    const page = await openPage(url);
    await page.click('.example:has-text("hat")');
    await page.waitForSelector('.bars th:text-is("hat")');
    await picture(page, "light");
    await page.click('.example:has-text("shoes")');
    await page.waitForFunction(() => document.querySelector(".bars th")?.textContent === "shoes");
    await page.click("text=Compare");
    await page.waitForSelector("text=elements differ");
    expect(await page.textContent(".tools")).toMatch(/image: \d{5,} of 110592 elements differ/);
    expect(await violations(page)).toEqual([]);
  });

  test("a request is repeated at the server's own route", async () => {
    const page = await openPage(url);
    await page.click('.example:has-text("dress")');
    await page.waitForSelector(".bars");
    await page.click("text=Repeat");
    await page.fill(".repeat input", "12");
    await page.click('.repeat button:has-text("Repeat")');
    await page.waitForSelector(".quantiles");
    await page.waitForFunction(() => document.querySelectorAll(".plot circle").length === 12);
    expect(await page.textContent(".quantiles")).toMatch(/p50.*ms.*failures0/);
    expect(await violations(page)).toEqual([]);
  });

  test.each([
    ["light", { colorScheme: "light" as const }],
    ["dark", { colorScheme: "dark" as const }],
    ["phone", { colorScheme: "light" as const, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ])("axe finds nothing: %s", async (name, options) => {
    const page = await openPage(url, options);
    await page.waitForSelector(".example img");
    expect(await violations(page)).toEqual([]);
    await page.click('.example:has-text("skirt")');
    await page.waitForSelector(".bars");
    await page.waitForFunction(() => document.querySelectorAll(".tools td.same").length === 4);
    expect(await violations(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    if (name !== "light") await picture(page, name);
  });

  test("by keyboard: an example, its tensor's values, and the request again", async () => {
    const page = await openPage(url);
    await page.waitForSelector(".example img");
    await page.focus(".example");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".bars");
    await page.focus(".picture-large .canvas-frame");
    for (const key of ["ArrowRight", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    expect(await page.textContent(".probe")).toMatch(/^x 2, y 1: /);
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => document.querySelectorAll(".probe").length > 0);
  });
});

describeInBrowser("the page, with other rows", () => {
  test("a record: the form has the fields, the vector the features' names", async () => {
    const predictor = createOnnxPredictor({ path: "examples/churn/model.onnx" });
    const url = await startServer(ChurnTransformer, {
      modelName: "churn",
      predictor,
      playground: { module: "churn.ts" },
    });
    const page = await openPage(url);
    await page.selectOption("#field-contract", "two_year");
    await page.fill("#field-tenure", "60");
    await page.fill("#field-monthlycharges", "20.5");
    await page.click("text=Send");
    await page.waitForSelector(".response .status.good");
    await page.click("text=Only values that are not 0");
    const table = await page.textContent(".vector-table table");
    expect(table).toContain("contract=two_year");
    expect(table).toContain("tenure");
    expect(table).not.toContain("contract=one_year");
    expect(await page.textContent(".predictions")).toContain("churn_probability");
    expect(await violations(page)).toEqual([]);
    await picture(page, "record");
  });

  const row = z.object({ text: z.string().min(1) });
  class Words extends Transformer {
    static readonly examples = { greeting: "hello out there" };
    override readonly rowSchema = row;
    override preprocess(request: InferRequest): InferRequest {
      const [first] = request.rows(row);
      const words = (first?.text ?? "").split(" ");
      if (words.includes("boom")) throw new RangeError("no token for boom");
      const ids = BigInt64Array.from(words, (word) => BigInt(word.length));
      return request.withInputs([createTensor("input_ids", "INT64", [1, ids.length], ids)]);
    }
    override postprocess(response: InferResponse): InferResponse {
      return response.withPredictions([{ words: Number(response.output("count", "INT64").data[0]) }]);
    }
  }
  const counter = createFunctionPredictor(async (request: InferRequest) => {
    const { data } = request.input("input_ids", "INT64");
    return { outputs: [createTensor("count", "INT64", [1], BigInt64Array.of(BigInt(data.length)))] };
  });
  const startWords = () =>
    startServer(Words, { modelName: "words", predictor: counter, playground: { sources: true } });

  test("a text: its tokens are chips", async () => {
    const page = await openPage(await startWords());
    await page.fill("textarea[aria-label=Text]", "one three five");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".tokens");
    expect(await page.$$eval(".chip", (chips) => chips.map((chip) => chip.textContent))).toEqual(["3", "5", "4"]);
    expect(await page.textContent(".predictions")).toContain('"words": 3');
    expect(await violations(page)).toEqual([]);
  });

  test("JSON: the editor has its styles within the page's policy, and sends what is written", async () => {
    const page = await openPage(await startWords());
    await page.click("text=JSON");
    const style = (element: Element) => getComputedStyle(element).whiteSpace;
    expect(await page.$eval(".cm-content", style)).toBe("break-spaces");
    await page.fill(".cm-content", '{"instances": [{"text": "two four"}]}');
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".predictions");
    expect(await page.textContent(".predictions")).toContain('"words": 2');
    expect(await violations(page)).toEqual([]);
  });

  test("a hook that throws: code, message, and the line of the hook", async () => {
    const page = await openPage(await startWords());
    await page.fill("textarea[aria-label=Text]", "boom");
    await page.click("text=Send");
    await page.waitForSelector(".error");
    const error = await page.textContent(".error");
    expect(error).toContain("internal");
    expect(error).toContain("RangeError: no token for boom");
    expect(await page.textContent(".code-frame .here")).toContain('throw new RangeError("no token for boom")');
    expect(await page.textContent(".station.failed")).toContain("preprocess");
    expect(await violations(page)).toEqual([]);
    await picture(page, "failure");
  });

  test("on a phone a hook's line of code scrolls in its frame: the page is no wider than the screen", async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const page = await openPage(await startWords(), phone);
    await page.fill("textarea[aria-label=Text]", "boom");
    await page.tap("text=Send");
    await page.waitForSelector(".code-frame");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test("a wrong field is marked where it stands", async () => {
    class Ages extends Transformer {
      override readonly rowSchema = ages;
      override preprocess(request: InferRequest): InferRequest {
        return request.withInstances(request.rows(ages));
      }
    }
    const ages = z.object({ age: z.number().int().min(0), name: z.string() });
    const page = await openPage(await startServer(Ages, { modelName: "ages" }));
    await page.fill("#field-age", "-3");
    await page.click("text=Send");
    await page.waitForSelector("#field-age[aria-invalid=true]");
    expect(await page.textContent("#field-age-message")).toContain("instances[0].age");
    expect(await page.getAttribute("#field-name", "aria-invalid")).toBe("false");
  });

  test("the API page lists the model's routes, and sends a request", async () => {
    const page = await openPage(await startServer(Words, { modelName: "words", predictor: counter, docs: true }));
    await page.goto(page.url().replace("playground", "docs"));
    await page.click('.opblock-summary:has-text("words:predict")');
    await page.click("text=Execute");
    await page.waitForSelector(".live-responses-table");
    const answer = await page.textContent(".live-responses-table");
    expect(answer).toContain('"words": 3');
  });

  test("a server with keys shows nothing before one is given", async () => {
    const url = await startServer(Words, {
      modelName: "words",
      predictor: counter,
      authentication: { apiKeys: ["s3cret"] },
    });
    const page = await openPage(url);
    await page.waitForSelector("text=asks for credentials");
    expect(await page.textContent("body")).not.toContain("words");
    await page.fill(".key input", "s3cret");
    await page.click("text=Use key");
    await page.click('.example:has-text("greeting")');
    await page.waitForSelector(".tokens");
    await page.click("text=Take it with you");
    expect(await page.textContent(".snippet pre")).toContain('"x-api-key: $API_KEY"');
    expect(await page.textContent(".snippet pre")).not.toContain("s3cret");
  });
});

// In a block of its own, since jest runs the tests beside blocks before them.
describeInBrowser("afterwards", () => {
  test("no page ran into an error, or asked anything of another server", () => {
    expect(problems).toEqual([]);
  });
});
