export { createLogger, type LoggerOptions } from "./logger.ts";
export { createServerTiming } from "./server-timing.ts";
