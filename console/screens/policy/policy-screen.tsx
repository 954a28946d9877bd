/** Policy: the rules in words, what they would decide and did decide, what watched rules would have done, and bundles that wait for a second person. */
import { useAnswer } from '../../api/use-answer.ts';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { Bundles } from './bundles.tsx';
import { DecidedMatrix } from './decided-matrix.tsx';
import { Matrix } from './matrix.tsx';
import { ObserveReport } from './observe-report.tsx';
import { Rules } from './rules.tsx';
import { WhatIf } from './what-if.tsx';
import './policy.css';

const text = TEXT.policy;
const VIEWS = ['rules', 'matrix', 'what-if', 'decided', 'observed', 'bundles'] as const;
const POLICY_MS = 15_000;

export default function PolicyScreen({ place }: ScreenProps) {
  const [named = 'rules', one] = place.rest;
  const view = VIEWS.find((known) => known === named) ?? 'rules';
  const { data: policy } = useAnswer('/api/policy', {}, { every: POLICY_MS });
  return (
    <div className="policy">
      <header>
        <h1>{TEXT.screens.policy}</h1>
        <nav className="switch" aria-label={text.views}>
          {VIEWS.map((known) => (
            <Link key={known} screen="policy" rest={[known]} aria-current={known === view ? 'page' : undefined}>
              {text[known]}
            </Link>
          ))}
        </nav>
        {policy?.bundle !== null && policy?.bundle !== undefined && (
          <p className="quiet">
            {text.inForce}{' '}
            <Link screen="policy" rest={['bundles', policy.bundle.id]} className="mono">
              {policy.bundle.digest.slice(7, 19)}
            </Link>{' '}
            {text.since} <Ago at={policy.bundle.since} /> · {text.least(policy.bundle.leastApprovals)}
          </p>
        )}
      </header>
      {view === 'rules' && <Rules policy={policy} one={one} typed={place.query.get('q') ?? ''} />}
      {view === 'matrix' && <Matrix agent={place.query.get('agent') ?? ''} typed={place.query.get('q') ?? ''} />}
      {view === 'what-if' && <WhatIf query={place.query} />}
      {view === 'decided' && <DecidedMatrix />}
      {view === 'observed' && <ObserveReport observe={policy?.bundle?.observe ?? []} />}
      {view === 'bundles' && <Bundles id={one} />}
    </div>
  );
}
