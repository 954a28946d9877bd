/** The broker's process: own keys, own data, the only door to a device. */
import './harden.ts';
import { composeBroker } from '../compose/broker.ts';
import { brokerSettings } from '../compose/broker-settings.ts';
import { runChild } from './child.ts';

await runChild((value) => brokerSettings.parse(value), composeBroker);
