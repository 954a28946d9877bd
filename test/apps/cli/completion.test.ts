/** Completion in a shell: the printed script makes a real bash ask the real program. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../repository/source-files.ts';
import { wayleave } from './fake-io.ts';

const PROGRAM = `"${process.execPath}" "${path.join(ROOT, 'bin', 'wayleave.js')}"`;

/** What bash offers behind these words; the last one is being typed. */
function offer(...words: readonly string[]): readonly string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `
    source <(${PROGRAM} completion bash --command '${PROGRAM}')
    source <(${PROGRAM} completion bash --command '${PROGRAM}')
    COMP_WORDS=(wayleave ${list}); COMP_CWORD=${words.length}
    __wayleave_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 30_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .flatMap((line) => line.trim().split(/\s/)[0] ?? [])
    .filter(Boolean);
}

it('offers commands, their subcommands, options and values in bash', () => {
  expect(offer('app')).toEqual(['approvals']);
  expect(offer('approvals', '')).toEqual(['list', 'show', 'approve', 'reject']);
  expect(offer('approvals', 'list', '--sta')).toEqual(['--status']);
  expect(offer('approvals', 'list', '--status', 'pe')).toEqual(['pending']);
});

it('runs nothing of what is being typed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-completion-'));
  const ran = path.join(folder, 'ran');
  try {
    for (const word of [`$(touch ${ran})`, `\`touch ${ran}\``, `;touch ${ran}`]) {
      offer('ask', word);
      offer('ask', word, '--');
    }
    expect(existsSync(ran)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('refuses a shell that it does not know, with those it does', async () => {
  const said = await wayleave(['completion', 'tcsh']);
  expect(said.exit).toBe(2);
  expect(said.err).toContain('bash, zsh, fish, powershell');
});
