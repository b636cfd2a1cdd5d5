import type { TensorStatistics } from "../../../src/playground/trace.ts";
import { formatNumber } from "../bytes.ts";

const WIDTH = 192;
const HEIGHT = 40;

/** Elements by value. */
export function Histogram({ statistics }: { statistics: TensorStatistics }) {
  const { histogram, min, max } = statistics;
  const most = Math.max(1, ...histogram);
  const step = WIDTH / Math.max(1, histogram.length);
  const label = `Histogram: ${histogram.length} steps from ${formatNumber(min)} to ${formatNumber(max)}`;
  return (
    <svg class="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      {histogram.map((count, index) => {
        // The square root keeps rare values visible.
        const height = count === 0 ? 0 : Math.max(1, Math.sqrt(count / most) * HEIGHT);
        return <rect key={index} x={index * step} y={HEIGHT - height} width={step * 0.86} height={height} />;
      })}
    </svg>
  );
}
