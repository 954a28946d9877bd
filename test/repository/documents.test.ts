/** Documents that are lists of something in the code are equal to it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERRORS } from '../../broker/errors.ts';
import { readGolden } from './golden.ts';
import { findLockBreaches } from './lock-rules.ts';
import { ROOT } from './source-files.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** docs/errors.md, from the table. */
function writeErrors(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, row]) => `| \`${code}\` | ${row.status} | ${row.exit} | ${cell(row.message)} | ${cell(row.hint)} |`,
  );
  return `# Errors

Every error has a stable code, in the HTTP answer (\`{"error": {"code", "message", "hint"}}\`), in \`--json\` output and in the
exit code of the command. A resource that you may not see answers exactly like one that does not exist: \`NOT_FOUND\`.
This page is generated from \`broker/errors.ts\`; a test keeps both equal.

| code | HTTP status | exit code | what it says | what to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

describe('docs/errors.md', () => {
  it('equals the table of errors', () => {
    const written = writeErrors();
    expect(readGolden('docs/errors.md', written)).toBe(written);
  });
});

describe('docs/dependencies.md', () => {
  const names = z.record(z.string(), z.string());
  const manifest = z
    .object({ dependencies: names, devDependencies: names })
    .parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));

  it('says of every dependency why it is there, and of no other', () => {
    const text = readFileSync(path.join(ROOT, 'docs/dependencies.md'), 'utf8');
    const described = [...text.matchAll(/^\| `([^`]+)` \| \S+/gm)].map((match) => match[1]);
    const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    expect(new Set(described)).toEqual(new Set(installed));
    expect(described).toHaveLength(installed.length);
  });

  it('finds every version pinned exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('installs each package by its digest, and runs no script of one', () => {
    const read = (name: string): unknown => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8'));
    expect(findLockBreaches(read('package-lock.json'), read('package.json'))).toEqual([]);
  });
});
