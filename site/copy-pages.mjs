import { cpSync, rmSync } from "node:fs";

// VitePress finds Vue beside the pages only, and node_modules lies here.
rmSync("pages", { recursive: true, force: true });
cpSync("../docs", "pages", { recursive: true });
