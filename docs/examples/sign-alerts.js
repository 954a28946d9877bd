#!/usr/bin/env node
/**
 * Stands beside an Alertmanager, which cannot sign: takes its messages on this machine, signs each as Standard Webhooks say, and
 * hands it on. Run: `WAYLEAVE_HOOK=http://127.0.0.1:7420/hooks/whk_… WAYLEAVE_SECRET_FILE=/run/secrets/hook PORT=9095 node sign-alerts.js`.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const MAX_BYTES = 256 * 1024;

/** The headers of a message. The id is of the body and of the interval: what Alertmanager sends again is the same message. */
export function signMessage(body, secret, nowSeconds) {
  const id = `am_${createHash('sha256')
    .update(`${Math.floor(nowSeconds / 60)} ${body}`)
    .digest('hex')
    .slice(0, 32)}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${nowSeconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(nowSeconds), 'webhook-signature': `v1,${signature}` };
}

/** Answers with the status of the broker: Alertmanager tries again after 5xx and 429. */
export function createSigner({ hook, secret, now, send = fetch }) {
  return createServer((request, response) => {
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const headers = { 'content-type': 'application/json', ...signMessage(body, secret, Math.floor(now() / 1000)) };
      send(hook, { method: 'POST', headers, body, redirect: 'error' }).then(
        (answer) => response.writeHead(answer.status).end(),
        () => response.writeHead(502).end(),
      );
    });
  });
}

const { WAYLEAVE_HOOK: hook, WAYLEAVE_SECRET_FILE: file, PORT: port = '9095' } = process.env;
if (hook !== undefined && file !== undefined) {
  const server = createSigner({ hook, secret: readFileSync(file, 'utf8').trim(), now: Date.now });
  server.listen(Number(port), '127.0.0.1', () => {
    process.stderr.write(`signs what comes to http://127.0.0.1:${server.address().port}\n`);
  });
}
