/** The edit that merges one leaf into one port, for the tools that change ports. */
import { z } from 'zod';
import { el, type XmlNode } from '../protocols/netconf/xml.ts';
import { INTERFACES_NS } from '../protocols/yang/namespaces.ts';

export const portName = z
  .string()
  .regex(/^[\w./-]{1,64}$/)
  .describe('Name of the port, e.g. ge0/0');

export const editPort = (port: string, leaf: 'enabled' | 'description', value: string): XmlNode =>
  el(INTERFACES_NS, 'interfaces', [
    el(INTERFACES_NS, 'interface', [el(INTERFACES_NS, 'name', port), el(INTERFACES_NS, leaf, value)]),
  ]);
