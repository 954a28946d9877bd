/** What a person does: a POST to the API, whose answer or problem is theirs to see. */
import type { Session } from '../login/session.ts';
import type { Deeds, Postable } from './schema.ts';
import { fill, request } from './use-answer.ts';

/** E.g. `act(session, '/api/approvals/{id}/reject', { id }, { reason })`. Rejects with `Problem`. */
export async function act<Route extends Postable>(
  session: Session,
  route: Route,
  params: { readonly [name: string]: string },
  body: Deeds[Route]['body'],
): Promise<Deeds[Route]['answer']> {
  const response = await request(session, fill(route, params), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}
