/** The edit that undoes another: puts the touched top-level containers back as they were (RFC 6241 §7.2 `replace`). */
import { OPERATION_ATTRIBUTE } from '../../protocols/netconf/edit.ts';
import type { XmlNode } from '../../protocols/netconf/xml.ts';

/**
 * For each top-level node of the edit: its old form with operation `replace`, or an empty node with `remove` when it did
 * not exist. Whole containers, because this is the last resort and must not depend on what the device made of the edit.
 */
export function inverseEdit(running: XmlNode, config: XmlNode): readonly XmlNode[] {
  return config.children.map((touched) => {
    const old = running.children.find((node) => node.name === touched.name && node.ns === touched.ns);
    const operation = old === undefined ? 'remove' : 'replace';
    const node = old ?? { ...touched, children: [], text: '' };
    return { ...node, attrs: { ...node.attrs, [OPERATION_ATTRIBUTE]: operation } };
  });
}
