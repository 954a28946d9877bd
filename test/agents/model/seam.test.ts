/** The seam to a language model: nothing without configuration, and no tracing by accident. */
import { expect, it } from 'vitest';
import { toProblem } from '../../../agents/broker-port.ts';
import { quote } from '../../../agents/events.ts';
import { createIds } from '../../../agents/ids.ts';
import { createModel } from '../../../agents/model/connect-model.ts';
import { WayleaveError } from '../../../broker/errors.ts';

it('is absent without a name, and clears tracing variables unless they are wanted', () => {
  const environment = { LANGSMITH_API_KEY: 'k', LANGCHAIN_TRACING_V2: 'true', PATH: '/bin' };
  expect(createModel({ tracing: true }, environment)).toBeUndefined();
  expect(Object.keys(environment)).toHaveLength(3);
  expect(createModel({}, environment)).toBeUndefined();
  expect(environment).toEqual({ PATH: '/bin' });
});

it('quotes device text on one printable, short line', () => {
  expect(quote('a\u001b[31m\r\nb\u202e')).toBe('a [31m b');
  expect(quote('x'.repeat(500))).toHaveLength(120);
});

it('tells known errors and keeps others to itself', () => {
  expect(toProblem(new WayleaveError('DENIED'))).toMatchObject({ code: 'DENIED' });
  expect(toProblem({ code: 'LIMITED', message: 'slow', hint: 'wait' })).toEqual({
    code: 'LIMITED',
    message: 'slow',
    hint: 'wait',
  });
  expect(toProblem(new Error('secret path'))).toMatchObject({ code: 'INTERNAL' });
  const away = Object.assign(new Error('terminating secret'), { code: '57P01' });
  expect(toProblem(away)).toMatchObject({ code: 'UNAVAILABLE' });
  expect(JSON.stringify(toProblem(away))).not.toContain('secret');
  expect(JSON.stringify(toProblem({ code: 'ECONNREFUSED', message: 'secret' }))).not.toContain('secret');
});

it('makes ids of 128 bits in base32', () => {
  const ids = createIds((size) => new Uint8Array(size).fill(255));
  // 25 digits of five ones, and the three bits that are left.
  expect(ids('int')).toBe(`int_${'7'.repeat(25)}h`);
  expect(createIds()('int')).toMatch(/^int_[a-z2-7]{26}$/);
  expect(createIds()('int')).not.toBe(createIds()('int'));
});
