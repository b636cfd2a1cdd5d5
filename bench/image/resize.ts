/**
 * Resizing by our SIMD kernel, by our JavaScript, and by Pillow, in turns in one run, one core:
 *
 *     PYTHON=/path/to/python node --import ./bench/typescript.mjs bench/image/resize.ts
 *
 * PYTHON has Pillow; without it Pillow is left out. Times are the shortest of all rounds.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { loadKernel } from "../../src/image/resample/load-kernel.ts";
import { resizeScalar } from "../../src/image/resample/scalar-passes.ts";

const ROUNDS = 12;
const PILLOW = `
import sys, time, PIL
from PIL import Image
print(PIL.__version__, flush=True)
pictures = {}
for line in sys.stdin:
    width, height, to_width, to_height, name = line.split()
    size = (int(width), int(height))
    if size not in pictures:
        pictures = {size: Image.frombytes("RGB", size, bytes(i * 7919 % 251 for i in range(size[0] * size[1] * 3)))}
    started = time.perf_counter()
    pictures[size].resize((int(to_width), int(to_height)), getattr(Image.Resampling, name.upper()))
    print((time.perf_counter() - started) * 1000, flush=True)
`;

const python = process.env["PYTHON"];
const pillow = python === undefined ? undefined : spawn(python, ["-c", PILLOW], { stdio: ["pipe", "pipe", "inherit"] });
const lines = pillow && createInterface({ input: pillow.stdout });
const nextLine = async (): Promise<string> => String((await once(lines as NonNullable<typeof lines>, "line"))[0]);
const version = pillow && (await nextLine());

const time = (run: () => void): number => {
  const started = performance.now();
  run();
  return performance.now() - started;
};

const kernel = loadKernel();
if (kernel === undefined) throw new Error("this engine has no WebAssembly SIMD");
console.log(`Pillow ${version ?? "left out"}, Node ${process.version}; milliseconds`);
console.log("| | SIMD | JavaScript | Pillow | Pillow / SIMD |\n| --- | --- | --- | --- | --- |");
for (const [width, height, side] of [
  [800, 600, 299],
  [1600, 1200, 224],
  [4000, 3000, 224],
  [224, 224, 512],
] as const) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7919) % 251;
  const pixels = { width, height, data };
  const verticalFirst = height - side > 2 * Math.max(0, width - side);
  for (const filter of ["bilinear", "bicubic", "lanczos"] as const) {
    const plan = { width: side, height: side, filter, verticalFirst };
    const [simd, scalar, theirs]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      simd.push(time(() => kernel.resize(pixels, plan)));
      scalar.push(time(() => resizeScalar(pixels, plan)));
      if (pillow === undefined) continue;
      pillow.stdin.write(`${width} ${height} ${side} ${side} ${filter}\n`);
      theirs.push(Number(await nextLine()));
    }
    const [ours, script, python] = [simd, scalar, theirs].map((times) => Math.min(...times)) as [
      number,
      number,
      number,
    ];
    const cells = [ours, script, python].map((ms) => (Number.isFinite(ms) ? ms.toFixed(2) : "—"));
    console.log(
      `| ${width} × ${height} → ${side}, ${filter} | ${cells.join(" | ")} | ${(python / ours).toFixed(1)} × |`,
    );
  }
}
pillow?.stdin.end();
