/** A severity: fixed colour, shape and word, so that none of the three has to carry it alone (ITU-T X.733 §8.1.2.3). */
import { TEXT } from '../text.ts';
import { Icon } from './icon.tsx';

export type Level = keyof typeof TEXT.severities;

export function Severity({ level, short = false }: { readonly level: Level; readonly short?: boolean }) {
  const word = TEXT.severities[level];
  return (
    <span className={`severity ${level}`} title={short ? word : undefined}>
      <Icon name={level} />
      <span className={short ? 'unseen' : undefined}>{word}</span>
    </span>
  );
}
