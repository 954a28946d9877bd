/** Parses JSON that a stranger sent: depth is capped and duplicate names are refused, before anything reads the value. */

/** Thrown for text that is not the JSON we accept; the message never repeats the text. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused';
}

/** Strings (with the colon that makes them a name) and brackets; everything between them is for `JSON.parse` to judge. */
const TOKEN = /"((?:[^"\\]+|\\.)*)"([ \t\r\n]*:)?|[{}[\]]/gs;

/**
 * The value of `text`. RFC 8259 §4 leaves duplicate names open and parsers differ on which one wins, so that two readers
 * of one token could see two subjects: refused. Nesting beyond `maxDepth` is refused before `JSON.parse` sees it.
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  const names: Set<string>[] = [];
  for (const [token, name, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (names.push(new Set()) > maxDepth) throw new JsonRefused('nested too deeply');
    } else if (token === '}' || token === ']') {
      names.pop();
    } else if (colon !== undefined) {
      const known = names.at(-1);
      // "\u0061" is the name "a"; a text without a backslash is the name itself.
      const decoded = name?.includes('\\') === false ? name : String(parse(`"${name}"`));
      if (known?.has(decoded)) throw new JsonRefused('duplicate name');
      // Readers drop it, or make it what an object inherits: no honest sender has such a name.
      if (decoded === '__proto__') throw new JsonRefused('a name that is none');
      known?.add(decoded);
    }
  }
  return parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonRefused('not JSON');
  }
}
