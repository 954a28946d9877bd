/** One HTTPS request with every freedom of the server taken away: no redirect, no compression, no long body, no other CA. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { DriverError } from '../driver.ts';

/** Decoded bytes of one answer; compression is not accepted, so these are the bytes on the wire too. */
export const MAX_BODY_BYTES = 8_388_608;

export interface HttpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly cookies: readonly string[];
  /** Seconds, from a number or from a date (RFC 9110 §10.2.3), which is counted from the controller's own. */
  readonly retryAfter?: number;
  readonly body: string;
}

export interface HttpsQuestion {
  readonly agent: Agent;
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Rejects with `DriverError`; any status but a redirect is an answer. */
export function requestHttps({ agent, url, method, headers, body, signal }: HttpsQuestion): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = request(
      url,
      { agent, method, signal, headers: { ...headers, 'accept-encoding': 'identity' }, maxHeaderSize: 16_384 },
      (incoming) => {
        answered = true;
        const fail = (message: string): void => {
          incoming.destroy();
          reject(new DriverError('PROTOCOL', message));
        };
        const status = incoming.statusCode ?? 0;
        const encoding = incoming.headers['content-encoding'];
        if (status < 200 || (status >= 300 && status < 400)) return fail('the controller answered with a redirect');
        if (encoding !== undefined && encoding !== 'identity') return fail('the controller answered compressed');
        if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return fail('the answer is too long');
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) return fail('the answer is too long');
          chunks.push(chunk);
        });
        incoming.on('error', () => reject(explainError(signal, undefined, true)));
        incoming.on('end', () => {
          resolve({
            ...{
              status,
              contentType: incoming.headers['content-type'] ?? '',
              cookies: incoming.headers['set-cookie'] ?? [],
            },
            ...readRetryAfter(incoming.headers),
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException | DriverError) =>
      reject(error instanceof DriverError ? error : explainError(signal, error.code, answered)),
    );
    outgoing.end(body);
  });
}

function readRetryAfter({ date, ...headers }: IncomingHttpHeaders): { readonly retryAfter?: number } {
  const text = headers['retry-after'];
  if (text === undefined) return {};
  if (/^\d{1,6}$/.test(text)) return { retryAfter: Number(text) };
  const seconds = Math.ceil((Date.parse(text) - Date.parse(date ?? '')) / 1_000);
  return Number.isFinite(seconds) ? { retryAfter: Math.max(0, seconds) } : {};
}

const NO_PATH = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);
/** Codes of OpenSSL and node:tls for a chain or a name that does not verify. */
const NOT_THE_SERVER = /CERT|SIGNATURE|ISSUER|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT|HOSTNAME/;

function explainError(signal: AbortSignal, code: string | undefined, answered: boolean): DriverError {
  if (signal.aborted) {
    return signal.reason instanceof DriverError
      ? signal.reason
      : new DriverError('TIMEOUT', 'the request was given up');
  }
  if (answered) return new DriverError('LOST', 'the connection to the controller broke');
  if (code !== undefined && NO_PATH.has(code)) return new DriverError('UNREACHABLE', 'no path to the controller');
  if (code !== undefined && NOT_THE_SERVER.test(code)) {
    return new DriverError('HOST_KEY', 'the certificate of the controller is not from the pinned authority');
  }
  if (code?.startsWith('ERR_SSL') || code === 'EPROTO' || code?.startsWith('HPE_')) {
    return new DriverError('PROTOCOL', 'the controller does not speak HTTPS as it should');
  }
  return new DriverError('LOST', 'the connection to the controller broke');
}
