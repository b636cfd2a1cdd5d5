/**
 * Requests through transformers and predictors as a network of queues, event by event and seeded: Poisson arrivals; a
 * transformer is an event loop that serves one request after the other, before the predictor and after it; a predictor has
 * `slots` requests in work at once and a queue before them.
 */
import { createEvents } from "./events.mjs";
import { createRandom } from "./random.mjs";

/**
 * @param rate requests a second, over all
 * @param loops event loops: pods × workers
 * @param cpu seconds of CPU a request, half before the predictor and half after: { mean, variation }
 * @param predictor { replicas, slots, time: { mean, variation }, choice }; choice: which replica a request goes to, `random`,
 *   `least` (the fewest in work and waiting) or `own` (loop i has replica i)
 * @param wire seconds on the network and in kernels, both ways
 * @returns seconds: { p50, p95, p99, mean }, and the shares of time that loops and slots are busy
 */
export function simulate({ rate, loops, cpu, predictor, wire = 0, requests = 50_000, warmUp = 0.1, seed = 1 }) {
  const random = createRandom(seed);
  const events = createEvents();
  const half = { ...cpu, mean: cpu.mean / 2 };
  const fronts = Array.from({ length: loops }, () => createStation(1));
  const backs = Array.from({ length: predictor?.replicas ?? 0 }, () => createStation(predictor.slots));
  const choose = {
    random: () => backs[random.below(backs.length)],
    own: (loop) => backs[loop % backs.length],
    least: () => backs.reduce((least, back) => (back.load < least.load ? back : least)),
  }[predictor?.choice ?? "random"];
  const times = [];
  let last = 0;

  /** A request takes a place at a station, or waits for one; `then` runs when it is done there. */
  const enter = (now, station, seconds, then) => {
    station.load++;
    if (station.busy < station.slots) begin(now, station, seconds, then);
    else station.waiting.push({ seconds, then });
  };
  const begin = (now, station, seconds, then) => {
    station.busy++;
    station.work += seconds;
    events.add(now + seconds, (end) => {
      station.busy--;
      station.load--;
      const next = station.waiting.shift();
      if (next) begin(end, station, next.seconds, next.then);
      then(end);
    });
  };
  const arrive = (left) => (now) => {
    if (left > 1) events.add(now + random.exponential(1 / rate), arrive(left - 1));
    const loop = random.below(loops);
    const finish = (end) => {
      if (left <= requests * (1 - warmUp)) times.push(end - now + wire);
    };
    const after = (end) => enter(end, fronts[loop], random.time(half), finish);
    const between = (end) =>
      backs.length === 0 ? after(end) : enter(end, choose(loop), random.time(predictor.time), after);
    enter(now, fronts[loop], random.time(half), between);
  };

  events.add(0, arrive(requests));
  for (let next = events.next(); next; next = events.next()) {
    last = next.at;
    next.event(next.at);
  }
  return { ...percentiles(times), busy: share(fronts, last), predictorBusy: share(backs, last) };
}

function createStation(slots) {
  return { slots, busy: 0, load: 0, work: 0, waiting: [] };
}

/** The share of all slots' time that was work. */
function share(stations, seconds) {
  const work = stations.reduce((sum, station) => sum + station.work / station.slots, 0);
  return stations.length === 0 ? 0 : work / stations.length / seconds;
}

export function percentiles(times) {
  const sorted = Float64Array.from(times).sort();
  const at = (part) => sorted[Math.ceil(part * sorted.length) - 1];
  return {
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    mean: sorted.reduce((sum, time) => sum + time, 0) / sorted.length,
  };
}
