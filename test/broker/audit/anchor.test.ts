/** The anchor over real HTTP: what it receives verifies, comes once, and comes again when it failed. */
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { verifyExport } from '../../../apps/verify/verify-export.ts';
import { createAnchor } from '../../../broker/audit/anchor.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { printVerifier } from '../../../broker/audit/note.ts';

const key = randomBytes(24);
const signer = { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey };
const clock = { now: () => 1_767_225_600_000 };
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let status = 200;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += String(chunk);
  });
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  received.length = 0;
  status = 200;
});

async function setUp() {
  const log = await createAuditLog({ store: createMemoryAuditStore(), signer, clock });
  const failures: string[] = [];
  const anchor = createAnchor({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/anchor`,
    secret: `whsec_${key.toString('base64')}`,
    checkpoint: () => log.checkpoint(),
    clock,
    fetch,
    onFailure: (why) => void failures.push(why),
  });
  const append = () => log.append({ at: 't', tenant: 'acme', kind: 'k', content: {} });
  return { log, anchor, failures, append };
}

it('sends each new checkpoint once, signed, and one that was lost again', async () => {
  const { log, anchor, failures, append } = await setUp();
  await append();
  await Promise.all([anchor.send(), anchor.send()]);
  await anchor.send();
  expect(received).toHaveLength(1);
  const [first] = received;
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = first?.headers ?? {};
  const signed = [id, at, first?.body].join('.');
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  expect(signature).toBe(`v1,${expected}`);
  expect(at).toBe('1767225600');

  status = 503;
  await append();
  await anchor.send();
  await anchor.send();
  expect(failures).toEqual(['it answers 503']);
  status = 200;
  await anchor.send();
  expect(received.map(({ headers }) => headers['webhook-id'] === id)).toEqual([true, false, false, false]);
  expect(received[1]?.headers['webhook-id']).toBe(received[3]?.headers['webhook-id']);

  const anchors = received.map(({ body }): string => JSON.parse(body).data.checkpoint);
  const trust = { publicKeys: [printVerifier(signer, 'log')], anchors };
  expect(await verifyExport(log.export(), trust)).toMatchObject({ ok: true });
  const other = await setUp();
  for (let n = 0; n < 3; n += 1) await other.append();
  expect((await verifyExport(other.log.export(), trust)).ok).toBe(true); // the same entries are the same log
  const forked = await setUp();
  for (let n = 0; n < 3; n += 1) await forked.log.append({ at: 't', tenant: 'acme', kind: 'forged', content: {} });
  expect((await verifyExport(forked.log.export(), trust)).problems[0]).toMatchObject({ index: 0 });
});
