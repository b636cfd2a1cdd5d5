/** Content type of a scrape: KServe's aggregator reads this format and no other, whatever it says it accepts. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
