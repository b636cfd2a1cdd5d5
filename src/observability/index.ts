export { createAccessLog } from "./access-log.ts";
export { createLogger, type LoggerOptions } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export {
  createPayloadEvents,
  type PayloadEvents,
  type PayloadEventsOptions,
} from "./payload-events/payload-events.ts";
export { createPayloadLog, type PayloadLogOptions } from "./payload-log.ts";
export { createServerTiming } from "./server-timing.ts";
export { createTracing, type Tracing } from "./tracing.ts";
export { resolveTracingOptions, type TracingOptions } from "./tracing-options.ts";
