import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Reader } from "./follow-page.ts";
import { folderWithPackage } from "./packed.ts";
import { parsePage } from "./parse-page.ts";

const page = fileURLToPath(new URL("../../docs/first-transformer.md", import.meta.url));
const MINUTES = 10;

test(
  "a reader of docs/first-transformer.md gets from an empty folder to a response",
  async () => {
    const { folder } = folderWithPackage();
    const reader = new Reader(folder);
    try {
      for (const step of parsePage(readFileSync(page, "utf8"))) await reader.follow(step);
    } finally {
      await reader.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  MINUTES * 60_000,
);
