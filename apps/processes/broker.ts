/** The broker's process: own keys, own data, the only door to a device. */
import './harden.ts';

const { runChild } = await import('./child.ts');
const { brokerSettings } = await import('../compose/broker-settings.ts');
const { composeBroker } = await import('../compose/broker.ts');
await runChild((value) => brokerSettings.parse(value), composeBroker);
