/** Messages: what is built is parsed back, and what is no such message is refused. */
import { describe, expect, it } from 'vitest';
import {
  BASE_NS,
  buildHello,
  buildReply,
  buildRpc,
  MessageError,
  parseHello,
  parseReply,
  parseRpc,
  type RpcErrorFields,
} from '../../../protocols/netconf/messages.ts';
import { el, parseXml, renderXml } from '../../../protocols/netconf/xml.ts';

const overWire = (node: ReturnType<typeof el>) => parseXml(renderXml(node));

describe('messages', () => {
  it('carries hellos, and refuses odd session ids', () => {
    const hello = { capabilities: ['urn:a', 'urn:b?x=1&y=2'], sessionId: 7 };
    expect(parseHello(overWire(buildHello(hello)))).toEqual(hello);
    for (const id of ['0', '-1', '4294967296', '1e3', ''])
      expect(() =>
        parseHello(el(BASE_NS, 'hello', [el(BASE_NS, 'capabilities'), el(BASE_NS, 'session-id', id)])),
      ).toThrow(MessageError);
    expect(() => parseHello(el('urn:other', 'hello', [el(BASE_NS, 'capabilities')]))).toThrow(MessageError);
  });

  it('carries rpcs with exactly one operation', () => {
    const operation = el('urn:x', 'ping', 'a');
    expect(parseRpc(overWire(buildRpc('a&"1', operation)))).toEqual({
      messageId: 'a&"1',
      operation,
      attrs: { 'message-id': 'a&"1' },
    });
    expect(() => parseRpc(el(BASE_NS, 'rpc', [operation, operation]))).toThrow(MessageError);
    expect(() => parseRpc(el(BASE_NS, 'rpc'))).toThrow(MessageError);
  });

  it('carries all fields of errors, and keeps warnings apart', () => {
    const error: RpcErrorFields = {
      type: 'application',
      tag: 'data-missing',
      severity: 'error',
      appTag: 'x:gone',
      path: "/a/b[c='d']",
      message: 'gone',
      info: [el(BASE_NS, 'bad-element', 'b')],
    };
    const warning: RpcErrorFields = { type: 'protocol', tag: 'operation-failed', severity: 'warning' };
    const reply = parseReply(overWire(buildReply({ 'message-id': '1' }, { errors: [error, warning] })));
    expect(reply).toMatchObject({ messageId: '1', ok: false, errors: [error], warnings: [warning] });
  });

  it('takes an error without severity for an error', () => {
    const reply = parseReply(
      el(BASE_NS, 'rpc-reply', [el(BASE_NS, 'rpc-error', [el(BASE_NS, 'error-tag', 'in-use')])]),
    );
    expect(reply.errors.map(({ tag }) => tag)).toEqual(['in-use']);
  });

  it('finds data and other nodes', () => {
    const data = el(BASE_NS, 'data', [el('urn:x', 'a', '1')]);
    expect(parseReply(buildReply({}, { nodes: [data] }))).toMatchObject({ ok: false, data });
    expect(parseReply(buildReply({}, 'ok'))).toMatchObject({ ok: true, data: undefined, nodes: [] });
    expect(() => parseReply(el(BASE_NS, 'hello'))).toThrow(MessageError);
  });
});
