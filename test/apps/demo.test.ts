/** The demo refuses a network that its steps cannot be told in, before anything starts. */
import { expect, it } from 'vitest';
import { loadConfig } from '../../apps/config.ts';
import { runDemo } from '../../apps/demo/demo.ts';

const play = (network: string, branch?: number) =>
  runDemo({
    config: loadConfig({ network }, {}).config,
    scenario: 'R01',
    ...(branch === undefined ? {} : { branch }),
    output: { heading: () => expect.unreachable('a step began'), line: () => undefined, check: () => undefined },
    keep: false,
  });

it.each([
  ['shops', 'wayleave replay R01 --topology shops'],
  ['refnet:2', '3 branches or more'],
  ['refnet:huge', 'give a size'],
])('refuses %s, and says what to do', async (network, says) => {
  await expect(play(network)).rejects.toMatchObject({
    code: 'TOPOLOGY_INVALID',
    message: expect.stringContaining(says),
  });
});

it('takes a branch that the network has, and no other', async () => {
  await expect(play('refnet:12', 13)).rejects.toMatchObject({
    code: 'SCENARIO_INVALID',
    message: expect.stringContaining('branches 1 to 12'),
  });
});
