/** Text of anybody as HTML that shows it and does nothing: nothing of it is markup, and nothing of it hides or turns text around. */

// What a terminal or browser would act on stays visible as its code: bidirectional overrides could turn names around.
const UNSAFE = /(?![\n\t])(?:[\p{Cc}\p{Bidi_Control}\u2028\u2029]|\p{Default_Ignorable_Code_Point})/gu;

export const escapeHtml = (text: string): string =>
  text
    .replace(UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
