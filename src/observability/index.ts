export { createLogger, type LoggerOptions } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { createServerTiming } from "./server-timing.ts";
