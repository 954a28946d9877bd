/** The gauge of a risk: how many points of a hundred, and where its bands begin. */
import type { RiskBand } from '../../api/schema.ts';
import { TEXT } from '../../text.ts';

const text = TEXT.sessions;
/** Where `step-up`, `read-only` and `suspended` begin (broker/risk/risk.ts). */
const BANDS = [30, 60, 90] as const;
const LOOK = { normal: 'good', 'step-up': 'wait', 'read-only': 'wait', suspended: 'bad' } as const;
const LEVEL = ['cleared', 'warning', 'major', 'critical'] as const;

export function Gauge({ score }: { readonly score: number }) {
  const level = LEVEL[BANDS.filter((from) => score >= from).length] ?? 'critical';
  return (
    <svg className={`gauge ${level}`} viewBox="0 0 100 6" preserveAspectRatio="none" role="img">
      <title>{text.riskOf(Math.round(score))}</title>
      <rect className="track" width="100" height="6" />
      <rect className="level" width={Math.min(100, score)} height="6" />
      {BANDS.map((from) => (
        <rect key={from} className="band" x={from} width="0.6" height="6" />
      ))}
    </svg>
  );
}

export const BandMark = ({ band }: { readonly band: RiskBand }) => (
  <span className={`state ${LOOK[band]}`}>{text.bands[band]}</span>
);
