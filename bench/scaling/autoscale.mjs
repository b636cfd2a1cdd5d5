/**
 * Pods that follow a load, second by second: the rule of Kubernetes' HorizontalPodAutoscaler (every 15 s, utilisation over its
 * target, tolerance 0.1) or of Knative's autoscaler (every 2 s, requests in flight over 60 s, or over 6 s once that is
 * twice the target). A pod takes part `startSeconds` after it was asked for. Down-scaling waits (300 s, or 60 s) and does
 * not matter here: what is asked is how long a rise hurts.
 */
const RULES = {
  hpa: { every: 15, windows: [15] },
  kpa: { every: 2, windows: [60, 6] },
};

/**
 * @param load requests a second at second t
 * @param capacity requests a second of one pod, all of its cores busy
 * @param target share of a pod's capacity that the rule aims at
 * @returns seconds in which more came than pods could serve, the longest wait (s) of the backlog, and the most pods
 */
export function followLoad({ rule, load, seconds, capacity, target, startSeconds }) {
  const { every, windows } = RULES[rule];
  const needed = (rate) => Math.max(1, Math.ceil(rate / (capacity * target)));
  let pods = needed(load(0));
  const coming = [];
  const used = [];
  let [backlog, overloaded, longest, most] = [0, 0, 0, pods];
  for (let second = 0; second < seconds; second++) {
    while (coming.length > 0 && coming[0] <= second) {
      coming.shift();
      pods++;
    }
    const could = pods * capacity;
    const open = backlog + load(second);
    const served = Math.min(open, could);
    backlog = open - served;
    if (backlog > 0) overloaded++;
    longest = Math.max(longest, backlog / could);
    // The processor's utilisation cannot exceed 1; requests in flight can: a backlog is seen by Knative's rule alone.
    used.push(rule === "hpa" ? served : open);
    most = Math.max(most, pods);
    if (second % every !== 0) continue;
    const wanted = windows.map((window) => needed(mean(used.slice(-window))));
    const [stable, panic = 0] = wanted;
    const desired = panic >= 2 * (pods + coming.length) ? panic : stable;
    if (rule === "hpa" && desired <= 1.1 * (pods + coming.length)) continue;
    for (let pod = pods + coming.length; pod < desired; pod++) coming.push(second + startSeconds);
  }
  return { overloaded, longest, most };
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
