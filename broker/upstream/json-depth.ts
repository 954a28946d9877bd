/** How deep JSON nests, from its bytes as they come: what is too deep is refused before a parser sees it. */

/** Far below what a parser bears, and above what a tool says. */
export const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH, NEWLINE] = ['"', '\\', '\n'].map((one) => one.charCodeAt(0));
const OPENING = new Set(['{', '['].map((one) => one.charCodeAt(0)));
const CLOSING = new Set(['}', ']'].map((one) => one.charCodeAt(0)));

/** The deepest nesting so far; a line begins outside of a text. */
export function createDepthScan(): (chunk: Uint8Array) => number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  let escaped = false;
  return (chunk) => {
    for (const byte of chunk) {
      if (escaped) escaped = false;
      else if (byte === NEWLINE) inText = false;
      else if (inText) {
        if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (OPENING.has(byte)) deepest = Math.max(deepest, ++depth);
      else if (CLOSING.has(byte)) depth -= 1;
    }
    return deepest;
  };
}
