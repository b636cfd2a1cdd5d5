import { defineConfig } from "vitest/config";

/** Vitest reads TypeScript and ES modules by itself. */
export default defineConfig({ test: { include: ["*.test.ts"], environment: "node" } });
