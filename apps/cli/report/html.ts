/** Pages of reports: nothing is loaded, nothing runs, and every text that is put in is escaped. Pure. */
import { escapeHtml } from '../../../protocols/escape-html.ts';

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:80rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f2f2f2;overflow-wrap:normal}td{min-width:5rem}code{font-size:12px;white-space:pre-wrap}.bad{color:#a40000;font-weight:600}.good{color:#006b2d}
@media print{body{margin:0}tr{break-inside:avoid}}`;

export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? '<p>None.</p>'
    : `<table><thead><tr>${header.map((one) => `<th>${escapeHtml(one)}</th>`).join('')}</tr></thead><tbody>${rows
        .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
        .join('\n')}</tbody></table>`;

export const lines = (texts: readonly string[]): string => texts.map(escapeHtml).join('<br>');
export const code = (text: string): string => (text === '' ? '' : `<code>${escapeHtml(text)}</code>`);

/** `title` and `body` are HTML already. */
export const printDocument = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
${body}
</body></html>
`;
