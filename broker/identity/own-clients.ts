/** The clients of our own, which people log in with: the command line and the console. Both are public, with bound tokens only. */

/** The public native client of people (RFC 8252: loopback redirect, any port). */
export const CLI_CLIENT = 'wayleave-cli';
const CLI_REDIRECT = 'http://127.0.0.1/callback';

/** The console: a public client in the browser, whose DPoP key the browser makes and never gives away. */
export const CONSOLE_CLIENT = 'wayleave-console';
/** Path of the console at the broker's own origin, and where a login comes back to. */
export const CONSOLE_PATH = '/console/';
const CONSOLE_CALLBACK = `${CONSOLE_PATH}callback`;

/** As the authorization server keeps clients (RFC 7591 §2). */
export function cliClient(): Readonly<Record<string, unknown>> {
  return {
    client_id: CLI_CLIENT,
    application_type: 'native',
    redirect_uris: [CLI_REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
  };
}

/** `issuer` is the broker's own origin, which serves the console. */
export function consoleClient(issuer: string): Readonly<Record<string, unknown>> {
  return {
    ...cliClient(),
    client_id: CONSOLE_CLIENT,
    application_type: 'web',
    redirect_uris: [`${issuer}${CONSOLE_CALLBACK}`],
  };
}
