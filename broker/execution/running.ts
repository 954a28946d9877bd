/** Reads a datastore as canonical text, so that equal configurations compare equal. */
import { canonicalConfig } from '../../protocols/netconf/canonical.ts';
import { parseXml } from '../../protocols/netconf/xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import type { WriteSession } from '../drivers/driver.ts';

/** Canonical text of a whole configuration. */
export type RunningConfig = string;
