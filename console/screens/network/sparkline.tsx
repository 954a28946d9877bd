/** A small curve of what was measured: its words say the latest and the range, so that no meaning hangs on the picture. */
interface SparklineProps {
  readonly label: string;
  readonly unit: string;
  /** Oldest first; `at` in epoch milliseconds. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const [WIDTH, HEIGHT] = [120, 24];

export function Sparkline({ label, unit, points }: SparklineProps) {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [begin, end] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const place = ({ at, value }: (typeof points)[number]): string => {
    const x = end === begin ? WIDTH : ((at - begin) / (end - begin)) * WIDTH;
    const y = high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const last = points.at(-1);
  if (last === undefined) return null;
  return (
    <span className="sparkline">
      <span className="spark-name">{label}</span>
      <svg viewBox={`-2 0 ${WIDTH + 4} ${HEIGHT}`} aria-hidden="true" focusable="false">
        <polyline points={points.map(place).join(' ')} />
        <circle cx={place(last).split(',')[0]} cy={place(last).split(',')[1]} r="2" />
      </svg>
      <span className="spark-value">
        <b>
          {show(last.value)} {unit}
        </b>{' '}
        {high > low && (
          <span className="quiet">
            {show(low)}–{show(high)}
          </span>
        )}
      </span>
    </span>
  );
}

const show = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));
