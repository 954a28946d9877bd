/** Answers what goes wrong at the authorization server: a page for people in a browser, JSON for programs. */
import type { KoaContext } from 'oidc-provider';
import { LOGIN_PAGE_CSP, renderStuckPage } from './login-page.ts';

/** As `renderError` of `oidc-provider`; the page shows nothing that a request said. */
export function showError(context: KoaContext, out: Readonly<Record<string, string>>): void {
  if (context.accepts('json', 'html') === 'html') {
    context.set('Content-Security-Policy', LOGIN_PAGE_CSP);
    context.type = 'html';
    context.body = renderStuckPage(out['error'] === 'invalid_client');
    return;
  }
  context.type = 'json';
  context.body = out;
}
