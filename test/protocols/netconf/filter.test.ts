/** Subtree filters: the kinds of RFC 6241 §6.2 and their combinations. */
import { describe, expect, it } from 'vitest';
import { filterSubtree } from '../../../protocols/netconf/filter.ts';
import { parseXml, renderXml } from '../../../protocols/netconf/xml.ts';

const DATA = parseXml(
  '<data><ifs xmlns="urn:i"><if><name>a</name><mtu>1500</mtu><v4><ip>1</ip></v4></if><if><name>b</name><mtu>1400</mtu></if></ifs><sys xmlns="urn:s"><host>h</host></sys></data>',
);
const keys = (path: readonly string[]) => (path.join('/') === 'ifs/if' ? ['name'] : undefined);

function select(filter: string): string {
  const text = renderXml(filterSubtree(DATA, parseXml(`<filter>${filter}</filter>`), keys));
  return text.replace(/ xmlns="[^"]*"/g, '').replace(/^<data>|<\/data>$|^<data\/>$/g, '');
}

describe('filterSubtree', () => {
  it.each([
    ['', ''],
    ['<ifs xmlns="urn:x"/>', ''],
    ['<sys xmlns="urn:s"/>', '<sys><host>h</host></sys>'],
    ['<sys/>', '<sys><host>h</host></sys>'], // no namespace selects any
    ['<ifs><if><name>b</name></if></ifs>', '<ifs><if><name>b</name><mtu>1400</mtu></if></ifs>'],
    ['<ifs><if><name>b</name><mtu/></if></ifs>', '<ifs><if><name>b</name><mtu>1400</mtu></if></ifs>'],
    [
      '<ifs><if><mtu/></if></ifs>',
      '<ifs><if><name>a</name><mtu>1500</mtu></if><if><name>b</name><mtu>1400</mtu></if></ifs>',
    ],
    ['<ifs><if><v4><ip/></v4></if></ifs>', '<ifs><if><name>a</name><v4><ip>1</ip></v4></if></ifs>'],
    ['<ifs><if><name>a</name><mtu>1400</mtu></if></ifs>', ''], // both must be true
    ['<ifs><if><name>q</name></if></ifs>', ''],
    [
      '<ifs><if><name>a</name><v4/></if><if><name>b</name></if></ifs><sys/>',
      '<ifs><if><name>a</name><v4><ip>1</ip></v4></if><if><name>b</name><mtu>1400</mtu></if></ifs><sys><host>h</host></sys>',
    ],
    ['<ifs><if><name>b</name><v4/></if></ifs>', '<ifs><if><name>b</name></if></ifs>'],
    ['<ifs a="1"/>', ''],
  ])('selects by %s', (filter, expected) => {
    expect(select(filter)).toBe(expected);
  });
});
