/** The command line as a whole: its help, its errors, its settings page, and what it loads before it does anything. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../apps/cli/program.ts';
import { createTerminal, fold, layOut, oneLine, printable, printJson, table } from '../../../apps/cli/terminal.ts';
import { envName, flagName, SETTING_NAMES } from '../../../apps/config.ts';
import { SETTINGS } from '../../../apps/settings.ts';
import { ERRORS } from '../../../broker/errors.ts';
import { readGolden } from '../../repository/golden.ts';
import { scanImports } from '../../repository/import-law.ts';
import { ROOT } from '../../repository/source-files.ts';
import { makeIo, wayleave } from './fake-io.ts';

/** Every command by the words that lead to it, the program itself first. */
function listCommands(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  return [words, ...command.commands.flatMap((one) => listCommands(one, [...words, one.name()]))];
}
const COMMANDS = listCommands(createProgram(makeIo().io, () => undefined));

describe('help', () => {
  it('is the golden text, for every command', async () => {
    const pages: string[] = [];
    for (const words of COMMANDS) {
      const said = await wayleave([...words, '--help']);
      expect(said).toMatchObject({ exit: 0, err: '' });
      pages.push(`$ wayleave ${[...words, '--help'].join(' ')}\n\n${said.out.trimEnd()}\n`);
    }
    const written = pages.join(`\n${'-'.repeat(100)}\n\n`);
    expect(readGolden('test/golden/cli-help.txt', written)).toBe(written);
  });

  it('teaches by example', async () => {
    for (const [name = ''] of COMMANDS.filter((words) => words.length === 1)) {
      const pages = COMMANDS.filter((words) => words[0] === name).map((words) => wayleave([...words, '--help']));
      const text = (await Promise.all(pages)).map((page) => page.out).join('');
      expect(text, name).toContain(`  wayleave ${name}`);
    }
  });

  it('names every exit code that an error can have', async () => {
    const { out } = await wayleave(['--help']);
    for (const exit of new Set(Object.values(ERRORS).map((row) => row.exit))) {
      expect(out.slice(out.indexOf('Exit codes:'))).toMatch(new RegExp(`\\b${exit} \\w`));
    }
  });

  it('is what a bare command shows', async () => {
    expect(await wayleave([])).toMatchObject({ exit: 0, out: (await wayleave(['--help'])).out });
  });
});

describe('errors', () => {
  it.each([
    [['fly']],
    [['approvals', 'fly']],
    [['up', '--fast']],
    [['ask', 'a', 'b', '--as', 'operator@acme']],
    [['approvals', 'show']],
    [['fault', 'inject', 'x']],
  ])('%j is a usage error: code, message and hint on stderr, nothing on stdout', async (args) => {
    const said = await wayleave(args);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toMatch(/^USAGE: .+\nSee --help for the form\.\n$/);
  });

  it('with --json are the JSON error on stdout', async () => {
    const said = await wayleave(['fly', '--json']);
    expect(said).toMatchObject({ exit: 2, err: '' });
    expect(JSON.parse(said.out)).toEqual({
      error: { code: 'USAGE', message: "unknown command 'fly'", hint: ERRORS.USAGE.hint },
    });
  });

  it('never show a stack trace, also of a defect', async () => {
    const control = {
      incidents: () => Promise.reject(new TypeError('x is not a function\u001b[2J')),
    };
    for (const flag of [[], ['--json']]) {
      const { exit, out, err } = await wayleave(['incidents', '--as', 'admin@acme', ...flag], { control });
      expect(exit).toBe(1);
      expect(out + err).toContain('INTERNAL');
      expect(out + err).not.toMatch(/\n {4}at |\.ts:\d/);
      expect(out + err).not.toContain('\u001b');
    }
  });
});

describe('the terminal', () => {
  const tty = { write: () => true, isTTY: true };
  const colour = (stdout: object, env: { readonly [name: string]: string }): string =>
    createTerminal({ stdout: { write: () => true, ...stdout }, stderr: tty, stdin: {}, env }).style.red('x');

  it('colours for a person only: no file, no pipe, no NO_COLOR', () => {
    expect(colour(tty, {})).toBe('\u001b[31mx\u001b[0m');
    expect(colour({}, {})).toBe('x');
    expect(colour(tty, { NO_COLOR: '1' })).toBe('x');
    expect(colour(tty, { NO_COLOR: '' })).toBe('\u001b[31mx\u001b[0m');
  });

  it('obeys --no-color', async () => {
    const stderr = Object.assign(makeIo().err, { isTTY: true });
    const written: string[] = [];
    const io = { stdout: { write: (text: string) => written.push(text), isTTY: true }, stderr };
    await wayleave(['config', 'show', '--no-color'], { io });
    expect(written.join('')).toContain('SETTING');
    expect(written.join('')).not.toContain('\u001b');
  });

  it('fits the terminal: breaks between words, keeps ids whole, and turns rows that are too wide into blocks', () => {
    const id = `evd_${'a'.repeat(40)}`;
    const line = `  · \u001b[1mBGP is idle\u001b[0m at the second branch [${id}]`;
    expect(fold(line, undefined)).toEqual([line]);
    const folded = fold(line, 40);
    expect(folded).toEqual(['  · \u001b[1mBGP is idle\u001b[0m at the second branch', `    [${id}]`]);
    const rows = [
      ['inc_1', 'critical', 'one two three four five six seven'],
      ['inc_2', 'minor', 'eight\n\u001b[2J'],
    ];
    const header = ['INCIDENT', 'SEVERITY', 'TITLE'];
    expect(layOut(header, rows, 120)).toEqual(table(header, rows));
    expect(layOut(header, rows, 45)).toEqual([
      'INCIDENT  SEVERITY  TITLE',
      'inc_1     critical  one two three four five',
      '                    six seven',
      'inc_2     minor     eight ?[2J',
    ]);
    expect(layOut(header, rows, 40)).toEqual([
      'inc_1',
      '  severity  critical',
      '  title     one two three four five six',
      '            seven',
      '',
      'inc_2',
      '  severity  minor',
      '  title     eight ?[2J',
    ]);
  });

  it('makes text harmless: controls, escape sequences, reordering and hidden characters', () => {
    const evil = 'a\u001b[31mb\u0000c\u009bd\u202ee\u2066f\u200bg\u2028h\ufeffi\rj';
    expect(printable(evil)).toBe('a?[31mb?c?d?e?f?g?h?i?j');
    expect(oneLine('a\n#9 forged\tb')).toBe('a #9 forged b');
    expect(table(['X'], [['a\nb\u001b']])).toEqual(['X', 'a b?']);
    expect(JSON.parse(printJson({ evil }))).toEqual({ evil });
    expect(printJson({ evil })).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('docs/configuration.md', () => {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const shownPreset = (name: (typeof SETTING_NAMES)[number]): string => {
    if (name === 'home') return '`~/.wayleave`';
    return SETTINGS[name].preset === '' ? '–' : `\`${SETTINGS[name].preset}\``;
  };
  /** Flags exist for the folder everywhere, and for what `up` is started with. */
  const program = createProgram(makeIo().io, () => undefined);
  const up = program.commands.find((one) => one.name() === 'up');
  const flags = [...program.options, ...(up?.options ?? [])].map((option) => option.long);

  it('equals the settings', () => {
    const rows = SETTING_NAMES.map((name) => {
      const flag = flags.includes(flagName(name)) ? `\`${flagName(name)}\`` : '–';
      const secret = 'secret' in SETTINGS[name] ? ' Secret: never shown.' : '';
      return `| \`${name}\` | ${flag} | \`${envName(name)}\` | ${shownPreset(name)} | ${cell(SETTINGS[name].says)}.${secret} |`;
    });
    const written = `# Configuration

Nothing needs to be configured. A flag wins over the environment, the environment over the file, the file over the preset;
\`wayleave config show --origin\` tells the value in force and where it comes from. The file is \`wayleave.yaml\` in the
working folder, or the one named by \`--config\` or \`WAYLEAVE_CONFIG\`: a flat list of names and values, in which an
unknown name is an error. The flags \`--home\` and \`--config\` go with every command, the others with \`wayleave up\`
(\`--seed\` also with \`wayleave demo\`). This page is generated from \`apps/config.ts\`; a test keeps both equal.

| name | flag | environment | preset | meaning |
|---|---|---|---|---|
${rows.join('\n')}

Example:

\`\`\`yaml
# wayleave.yaml
tenants: acme:l
seed: 7
logLevel: debug
\`\`\`
`;
    expect(readGolden('docs/configuration.md', written)).toBe(written);
  });

  it('has a flag for every setting option of the commands', () => {
    const named = SETTING_NAMES.map(flagName);
    for (const flag of ['--home', '--tenants', '--seed', '--speed', '--broker-port', '--agents-port']) {
      expect(named).toContain(flag);
      expect(flags).toContain(flag);
    }
  });
});

describe('what the program loads at start', () => {
  /** Modules reached from a file by imports that run at start: not types, not `import()`. */
  function reach(file: string, seen: Set<string> = new Set()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    const text = readFileSync(path.join(ROOT, file), 'utf8').replace(/\bimport\s*\(/g, '(');
    for (const { module, typeOnly } of scanImports(text)) {
      if (typeOnly) continue;
      if (module.startsWith('.')) reach(path.posix.join(path.posix.dirname(file), module), seen);
      else seen.add(module);
    }
    return seen;
  }
  const loaded = reach('apps/cli/main.ts');
  const packages = [...loaded].filter((name) => !existsSync(path.join(ROOT, name)) && !name.startsWith('node:'));

  it('is small: a parser of arguments, of YAML and of shapes', () => {
    expect(packages.sort()).toEqual(['commander', 'yaml', 'zod']);
  });

  it('has none of the graphs, of the broker’s pipeline, or of the simulators', () => {
    const heavy = [...loaded].filter((name) =>
      /^(simulators|storage|tools|scenarios)\/|^agents\/(?!events\.ts)/.test(name),
    );
    expect(heavy).toEqual([]);
    const broker = [...loaded].filter((name) => name.startsWith('broker/'));
    expect(broker.sort()).toEqual(['broker/contract.ts', 'broker/errors.ts']);
  });

  it('is really followed: the commands and the clients are among it', () => {
    expect([...loaded]).toEqual(expect.arrayContaining(['apps/cli/commands/ask.ts', 'apps/client/control-client.ts']));
    expect([...reach('apps/client/mcp-client.ts')]).toContain('@modelcontextprotocol/sdk/client/index.js');
  });
});
