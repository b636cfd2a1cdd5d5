import type { Histogram, MetricValueWithName, Registry } from "prom-client";

/** A histogram before it has its registry. */
export interface HistogramSpec<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: Label;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

/** A histogram at a scrape. */
export interface HistogramSnapshot<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly values: readonly MetricValueWithName<Label | "le">[];
  /** How workers' values become one. */
  readonly aggregator: "sum";
}

/** What was observed under one value of the label. */
interface Series {
  /** One a bucket, each without those below it; the last is of what is above all bounds. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/**
 * A histogram of one label. An observation is a look-up and three additions; names, labels and the sums of buckets are made at
 * a scrape. prom-client's own looks at the names of the labels and makes a key of their values at each observation: with five
 * of them a request, a tenth of a small one's CPU.
 */
export class LabelledHistogram<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly #label: Label;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor({ name, help, label, buckets }: HistogramSpec<Label>, registry: Registry) {
    this.name = name;
    this.help = help;
    this.labelNames = [label];
    this.#label = label;
    this.#buckets = buckets;
    // A registry asks a metric for its name and for `get()`; its types know prom-client's own classes only.
    registry.registerMetric(this as unknown as Histogram);
  }

  observe(labelValue: string, value: number): void {
    let series = this.#series.get(labelValue);
    if (series === undefined) {
      series = { counts: new Array<number>(this.#buckets.length + 1).fill(0), sum: 0, count: 0 };
      this.#series.set(labelValue, series);
    }
    let bucket = 0;
    while (value > (this.#buckets[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count += 1;
  }

  /** All that was observed, as prom-client's own histograms tell it. */
  async get(): Promise<HistogramSnapshot<Label>> {
    const { name, help } = this;
    const values = [...this.#series].flatMap(([labelValue, series]) => this.#valuesOf(labelValue, series));
    return { name, help, type: "histogram", values, aggregator: "sum" };
  }

  #valuesOf(labelValue: string, { counts, sum, count }: Series): MetricValueWithName<Label | "le">[] {
    const own = { [this.#label]: labelValue } as Partial<Record<Label | "le", string>>;
    let below = 0;
    const buckets = this.#buckets.map((le, index) => {
      below += counts[index] ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { le, ...own }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_bucket`, labels: { le: "+Inf", ...own }, value: count },
      { metricName: `${this.name}_sum`, labels: own, value: sum },
      { metricName: `${this.name}_count`, labels: own, value: count },
    ];
  }
}
