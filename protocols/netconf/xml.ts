/**
 * A strict, namespace-aware XML tree: the one shape in which NETCONF messages and configuration are parsed, built and rendered.
 *
 * NETCONF content never has mixed text and elements, needs no DOCTYPE (RFC 6241 §3), and comes from peers that may be
 * hostile, so everything outside that subset is refused and every dimension has a cap. Over 300 lines because what is
 * parsed and what is rendered are two sides of one tree.
 */
import { type SaxesAttributeNS, SaxesParser } from 'saxes';

/** One element. Namespace prefixes are resolved; a leaf's text keeps its blanks. */
export interface XmlNode {
  /** Local name. */
  readonly name: string;
  /** Namespace URI, '' for none. */
  readonly ns: string;
  /**
   * Attributes by local name, or `{ns}local` when they are qualified. A leaf whose text begins with a bound prefix (a
   * YANG identityref, RFC 7950 §9.10.3) carries that binding as `xmlns:prefix`, so that it means the same anywhere.
   */
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Concatenated own text; '' when there are child elements. */
  readonly text: string;
}

/** Caps of one document. */
export interface XmlLimits {
  /** UTF-8 bytes. */
  readonly bytes: number;
  readonly depth: number;
  /** Attributes of one element, declarations of namespaces included. */
  readonly attributes: number;
  readonly elements: number;
  /** Attributes, references, comments and CDATA sections of all of it: honest replies have few, and each costs as much as an element. */
  readonly markup: number;
}

/** saxes looks namespaces up through all open elements, so its cost grows with the depth squared: the depth cap matters most. */
export const XML_LIMITS: XmlLimits = {
  bytes: 4 * 1024 * 1024,
  depth: 64,
  attributes: 64,
  elements: 200_000,
  markup: 50_000,
};

export type XmlErrorCode =
  | 'MALFORMED'
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'TOO_MANY_ATTRIBUTES'
  | 'TOO_MANY_ELEMENTS'
  | 'TOO_MUCH_MARKUP'
  | 'DOCTYPE'
  | 'PROCESSING_INSTRUCTION'
  | 'CONTROL_CHARACTER'
  | 'ENCODING'
  | 'MIXED_CONTENT';

/** Why a text is not acceptable XML. The message never quotes the text. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  readonly code: XmlErrorCode;
  constructor(code: XmlErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

interface OpenElement {
  readonly name: string;
  readonly ns: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly bindings: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
// XML 1.0 §2.2 allows DEL and the C1 controls; no configuration needs them and terminals obey them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** Parses one document into its root element. @throws {XmlError} for anything malformed, over a limit or outside the subset. */
export function parseXml(text: string, limits?: Partial<XmlLimits>): XmlNode {
  const caps = limits === undefined ? XML_LIMITS : { ...XML_LIMITS, ...limits };
  if (text.length > caps.bytes || Buffer.byteLength(text) > caps.bytes)
    throw new XmlError('TOO_LARGE', `more than ${caps.bytes} bytes`);
  refuseControl(text);
  const read = idle ?? createReader();
  idle = undefined;
  const root = read(text, caps);
  // Only after a document that was read to its end: what an error leaves behind in a parser is not known.
  idle = read;
  return root;
}

type Reader = (text: string, caps: XmlLimits) => XmlNode;

/** Between two documents; to make one costs as much as to read a short reply. */
let idle: Reader | undefined;

function createReader(): Reader {
  const parser = new SaxesParser({ xmlns: true, position: false });
  let caps = XML_LIMITS;
  let open: OpenElement[] = [];
  let root: XmlNode | undefined;
  let depth = 0;
  let elements = 0;
  let attributes = 0;
  let markup = 0;
  /** Whether there are any: they can smuggle what the raw text may not have, and that alone was looked through as a whole. */
  let references = false;
  const countMarkup = (): void => {
    markup += 1;
    if (markup > caps.markup)
      throw new XmlError('TOO_MUCH_MARKUP', `more than ${caps.markup} attributes, references, comments and sections`);
  };

  parser.on('error', () => {
    throw new XmlError('MALFORMED', 'not well-formed XML');
  });
  parser.on('doctype', () => {
    throw new XmlError('DOCTYPE', 'a DOCTYPE is not accepted');
  });
  parser.on('processinginstruction', () => {
    throw new XmlError('PROCESSING_INSTRUCTION', 'a processing instruction is not accepted');
  });
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0' || (encoding !== undefined && encoding.toLowerCase() !== 'utf-8'))
      throw new XmlError('ENCODING', 'only XML 1.0 in UTF-8 is accepted');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    depth += 1;
    elements += 1;
    if (depth > caps.depth) throw new XmlError('TOO_DEEP', `deeper than ${caps.depth} elements`);
    if (elements > caps.elements) throw new XmlError('TOO_MANY_ELEMENTS', `more than ${caps.elements} elements`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    countMarkup();
    if (attributes > caps.attributes)
      throw new XmlError('TOO_MANY_ATTRIBUTES', `more than ${caps.attributes} attributes`);
  });
  parser.on('opentag', (tag) => {
    open.push({
      name: tag.local,
      ns: tag.uri,
      attrs: attributes === 0 ? NO_ATTRIBUTES : readAttributes(tag.attributes, references),
      bindings: tag.ns,
      children: [],
      text: '',
    });
  });
  const addText = (added: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += added;
  };
  parser.on('text', addText);
  parser.on('cdata', (added) => {
    countMarkup();
    addText(added);
  });
  parser.on('comment', countMarkup);
  parser.on('closetag', () => {
    depth -= 1;
    const element = open.pop();
    if (element === undefined) throw new XmlError('MALFORMED', 'not well-formed XML');
    const node = closeElement(element, open, references);
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else parent.children.push(node);
  });

  return (text, given) => {
    caps = given;
    open = [];
    root = undefined;
    depth = 0;
    elements = 0;
    markup = 0;
    // References are resolved where they stand, and nobody is told: they are counted beforehand.
    references = text.includes('&');
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) countMarkup();
    parser.write(text).close();
    const read = root;
    root = undefined; // a large document is the caller's to keep
    if (read === undefined) throw new XmlError('MALFORMED', 'no element');
    return read;
  };
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

/** Without declarations of namespaces; those in a namespace have it in their name. */
function readAttributes(
  given: Readonly<Record<string, SaxesAttributeNS>>,
  references: boolean,
): Readonly<Record<string, string>> {
  const attrs: [string, string][] = [];
  for (const key in given) {
    const attribute = given[key];
    if (attribute === undefined || attribute.uri === XMLNS_NAMESPACE) continue;
    const { prefix, local, uri, value } = attribute;
    if (references) refuseControl(value);
    attrs.push([prefix === '' ? local : `{${uri}}${local}`, value]);
  }
  return attrs.length === 0 ? NO_ATTRIBUTES : Object.fromEntries(attrs);
}

function closeElement(element: OpenElement, ancestors: readonly OpenElement[], references: boolean): XmlNode {
  const { name, ns, attrs, children, text } = element;
  if (children.length > 0) {
    if (text.trim() !== '') throw new XmlError('MIXED_CONTENT', 'text between elements is not accepted');
    return { name, ns, attrs, children, text: '' };
  }
  if (references) refuseControl(text);
  if (!text.includes(':')) return { name, ns, attrs, children, text };
  const prefix = /^\s*([A-Za-z_][\w.-]*):[A-Za-z_]/.exec(text)?.[1];
  if (prefix === undefined) return { name, ns, attrs, children, text };
  const binder = [...ancestors, element].findLast(({ bindings }) => Object.hasOwn(bindings, prefix));
  const uri = binder?.bindings[prefix];
  return { name, ns, attrs: uri === undefined ? attrs : { ...attrs, [`xmlns:${prefix}`]: uri }, children, text };
}

function refuseControl(text: string): void {
  if (CONTROL.test(text)) throw new XmlError('CONTROL_CHARACTER', 'a control character is not accepted');
}

/** Builds an element: `el(ns, 'name', 'text')` is a leaf, `el(ns, 'name', [child, …])` a container. */
export function el(
  ns: string,
  name: string,
  content: string | readonly XmlNode[] = [],
  attrs: Readonly<Record<string, string>> = {},
): XmlNode {
  return typeof content === 'string'
    ? { name, ns, attrs, children: [], text: content }
    : { name, ns, attrs, children: content, text: '' };
}

/** First child of that local name, in `ns` if given. */
export function child(node: XmlNode, name: string, ns?: string): XmlNode | undefined {
  return node.children.find((each) => each.name === name && (ns === undefined || each.ns === ns));
}

/** All children of that local name, in `ns` if given. */
export function children(node: XmlNode, name: string, ns?: string): readonly XmlNode[] {
  return node.children.filter((each) => each.name === name && (ns === undefined || each.ns === ns));
}

/** Text of the first child of that local name, without blanks around it; undefined when there is no such child. */
export function childText(node: XmlNode, name: string, ns?: string): string | undefined {
  return child(node, name, ns)?.text.trim();
}

/** Renders a tree; default namespaces are declared where they change. `indent` is the number of blanks a level. */
export function renderXml(node: XmlNode, options: { readonly indent?: number } = {}): string {
  const parts: string[] = [];
  renderInto(parts, node, '', options.indent ?? 0, 0);
  return parts.join('');
}

function renderInto(parts: string[], node: XmlNode, inherited: string, indent: number, level: number): void {
  if (indent > 0 && level > 0) parts.push(`\n${' '.repeat(indent * level)}`);
  parts.push(`<${node.name}`);
  if (node.ns !== inherited) parts.push(` xmlns="${escapeAttribute(node.ns)}"`);
  parts.push(renderAttributes(node.attrs));
  if (node.children.length === 0 && node.text === '') {
    parts.push('/>');
    return;
  }
  parts.push('>');
  if (node.text !== '') parts.push(escapeText(node.text));
  for (const each of node.children) renderInto(parts, each, node.ns, indent, level + 1);
  if (indent > 0 && node.children.length > 0) parts.push(`\n${' '.repeat(indent * level)}`);
  parts.push(`</${node.name}>`);
}

function renderAttributes(attrs: Readonly<Record<string, string>>): string {
  let text = '';
  let generated = 0;
  for (const [key, value] of Object.entries(attrs)) {
    const qualified = key.startsWith('{') ? /^\{(.*)\}([^}]+)$/.exec(key) : null;
    if (qualified === null) {
      text += ` ${key}="${escapeAttribute(value)}"`;
    } else if (qualified[1] === XML_NAMESPACE) {
      text += ` xml:${qualified[2]}="${escapeAttribute(value)}"`;
    } else {
      const prefix = freePrefix(attrs, generated);
      generated = prefix.next;
      text += ` xmlns:${prefix.name}="${escapeAttribute(qualified[1] ?? '')}" ${prefix.name}:${qualified[2]}="${escapeAttribute(value)}"`;
    }
  }
  return text;
}

function freePrefix(
  attrs: Readonly<Record<string, string>>,
  from: number,
): { readonly name: string; readonly next: number } {
  let number = from;
  while (Object.hasOwn(attrs, `xmlns:a${number}`)) number += 1;
  return { name: `a${number}`, next: number + 1 };
}

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (sign) => ESCAPES[sign] ?? sign);
}

// Attribute values are normalised by parsers (XML 1.0 §3.3.3), so blanks other than the space need references.
function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (sign) => ESCAPES[sign] ?? sign);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
