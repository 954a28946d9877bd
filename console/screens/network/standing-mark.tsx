/** What is known of a site or device, as shape and word. */
import { Icon, type IconName } from '../../parts/icon.tsx';
import { TEXT } from '../../text.ts';
import type { Standing } from './read-network.ts';

/** Colour (a token), shape and place in the picture of each; the shape alone is enough to tell them apart. */
export const LOOKS: { readonly [name in Standing]: { readonly color: string; readonly icon: IconName } } = {
  critical: { color: '--critical', icon: 'critical' },
  major: { color: '--major', icon: 'major' },
  minor: { color: '--minor', icon: 'minor' },
  warning: { color: '--warning', icon: 'warning' },
  info: { color: '--info', icon: 'info' },
  cleared: { color: '--cleared', icon: 'cleared' },
  quarantine: { color: '--major', icon: 'stop' },
  pending: { color: '--accent', icon: 'stamp' },
  cut: { color: '--critical', icon: 'cross' },
  degraded: { color: '--minor', icon: 'pulse' },
  quiet: { color: '--quiet', icon: 'check' },
};

export function StandingMark({ standing }: { readonly standing: Standing }) {
  const { color, icon } = LOOKS[standing];
  return (
    <span className="standing" style={{ color: `var(${color})` }}>
      <Icon name={icon} /> {TEXT.network.standings[standing]}
    </span>
  );
}
