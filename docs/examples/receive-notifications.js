#!/usr/bin/env node
/**
 * A receiver of notifications with nothing but Node: it verifies the signature, forgets what it has seen, and turns each event
 * into a message for Slack and a ticket. Run: `WAYLEAVE_SECRETS='whsec_…' PORT=8080 node receive-notifications.js`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const TOLERANCE_SECONDS = 300;
const MAX_BYTES = 256 * 1024;

/** Standard Webhooks 1.0: some secret signed id, time and body, a moment ago. */
export function isAuthentic(headers, body, secrets, nowSeconds) {
  const id = headers['webhook-id'] ?? '';
  const at = headers['webhook-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(at) || Math.abs(nowSeconds - Number(at)) > TOLERANCE_SECONDS) return false;
  const given = (headers['webhook-signature'] ?? '').split(' ').map((one) => Buffer.from(one));
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`);
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
}

const PRIORITY = { page: 'P1', 'break-glass': 'P2', policy: 'P2', device: 'P2', risk: 'P3', approval: 'P3' };
const familyOf = (type) => type.replace(/^wayleave\./, '').split('.')[0];
const factsOf = ({ data }) => Object.entries(data).map(([name, value]) => `${name} ${[value].flat().join(', ')}`);
// Slack reads & < > as markup: https://api.slack.com/reference/surfaces/formatting#escaping
const escapeSlack = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Body of a Slack incoming webhook. */
export const toSlack = (event) => ({
  text: escapeSlack(`${event.tenant}: ${event.type.replace(/^wayleave\./, '')} (${factsOf(event).join(' · ')})`),
});

/** Fields that every ticket system has; `key` is what to look for before another ticket is made. */
export const toTicket = (event) => ({
  key: `wayleave:${familyOf(event.type)}:${event.tenant}:${event.subject}`,
  title: `${event.type.replace(/^wayleave\./, '')} ${event.subject}`,
  priority: PRIORITY[familyOf(event.type)] ?? 'P4',
  description: [...factsOf(event), `audit entry ${event.auditentry ?? '-'}`].join('\n'),
  close: event.type === 'wayleave.approval.decided' || event.type === 'wayleave.approval.expired',
});

/** Answers 204 for what is authentic, once; 401 for the rest. */
export function createReceiver({ secrets, now, deliver }) {
  const seen = new Set();
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
      if (!isAuthentic(request.headers, body, secrets, Math.floor(now() / 1000))) {
        response.writeHead(401).end();
        return;
      }
      const id = request.headers['webhook-id'];
      if (!seen.has(id)) {
        const event = JSON.parse(body);
        deliver({ event, slack: toSlack(event), ticket: toTicket(event) });
        seen.add(id); // keep it for 30 days in a database of yours
      }
      response.writeHead(204).end();
    });
  });
}

if (process.env['WAYLEAVE_SECRETS'] !== undefined) {
  const secrets = process.env['WAYLEAVE_SECRETS'].split(' ');
  const server = createReceiver({
    ...{ secrets, now: Date.now },
    deliver: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
  });
  server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
    process.stderr.write(`receives on http://127.0.0.1:${server.address().port}\n`);
  });
}
