export { createPlayground, type Playground, type PlaygroundOptions } from "./playground.ts";
