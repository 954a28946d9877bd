/** What a screen says when there is nothing to show, or when something failed: what happened, and what to do. */
import type { ReactNode } from 'react';
import type { Problem } from '../api/problem.ts';
import { TEXT } from '../text.ts';
import { Icon, type IconName } from './icon.tsx';
import { Words } from './words.tsx';

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A refusal or failure with the server's own words. */
export function Failure({ problem, retry }: { readonly problem: Problem; readonly retry?: () => void }) {
  const missing = problem.code === 'NOT_FOUND';
  return (
    <div className="failure" role="alert">
      <Icon name={missing ? 'search' : 'warning'} size={20} />
      <div>
        <strong>{missing ? TEXT.shell.notFound : problem.message}</strong>
        <p>
          <Words text={missing ? TEXT.shell.notFoundHint : problem.hint} />
        </p>
        <p className="quiet mono">{problem.code}</p>
      </div>
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          {TEXT.shell.retry}
        </button>
      )}
    </div>
  );
}

export const Loading = () => (
  <p className="loading" role="status">
    {TEXT.shell.loading}
  </p>
);
