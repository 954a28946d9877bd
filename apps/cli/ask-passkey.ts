/** Asks the person's browser for a passkey, at a page of the broker: only there may a browser make or use it. */
import { randomBytes } from 'node:crypto';
import { WayleaveError } from '../../broker/errors.ts';
import type { PasskeyQuestion } from '../../broker/http/identity-desk.ts';
import { askBrowser } from './ask-browser.ts';

export interface PasskeyAsk {
  readonly kind: 'create' | 'get';
  readonly question: PasskeyQuestion;
  /** Tells the person which address to open. */
  readonly show: (url: string) => void;
  readonly interrupted: AbortSignal;
}

/** What the browser answered, for the broker to judge. Errors: `LOGIN_FAILED` when nobody answered in time. */
export async function askPasskey({ kind, question, show, interrupted }: PasskeyAsk): Promise<unknown> {
  const state = randomBytes(24).toString('base64url'); // what is posted here by another page lacks it
  const thanks = 'Your browser has answered; the terminal tells the rest. This page can be closed.';
  const text = await askBrowser({ path: '/passkey', interrupted, thanks }, async (port) => {
    const asked = JSON.stringify({ kind, options: question.options, port, state });
    show(`${question.page}#${Buffer.from(asked).toString('base64url')}`);
    return ({ form }) => (form.get('state') === state ? (form.get('answer') ?? undefined) : undefined);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new WayleaveError('LOGIN_FAILED', 'The browser gave no answer that can be read.');
  }
}
