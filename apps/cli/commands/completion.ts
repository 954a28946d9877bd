/** `wayleave completion`: the script with which a shell completes commands, options and their values. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
const form = z.object({ command: z.string().min(1).default('wayleave') });
const shellForm = z.enum(SHELLS);

export function defineCompletion(program: Command, act: Act): void {
  const completion = program
    .command('completion')
    .description('Print the script with which your shell completes commands, options and values')
    .addOption(new Option('--command <words>', 'What starts Wayleave in your shell').default('wayleave'))
    .addHelpText(
      'after',
      `
Examples:
  source <(wayleave completion bash)                                         in ~/.bashrc
  wayleave completion zsh > "\${fpath[1]}/_wayleave"
  wayleave completion fish > ~/.config/fish/completions/wayleave.fish
  source <(wayleave completion bash --command "node bin/wayleave.js")        from the repository

Names of devices and sites are completed in \`wayleave chat\`.`,
    )
    .action(act(form, complete));
  completion.addArgument(completion.createArgument('<shell>', 'Your shell').choices(SHELLS));
}

export async function complete(cli: Cli, options: z.infer<typeof form>, [shell]: readonly string[]): Promise<number> {
  const wanted = shellForm.parse(shell);
  if (wanted === 'bash') for (const line of bashScript(options.command).split('\n')) cli.terminal.data(line);
  else (await import('@bomb.sh/tab')).script(wanted, 'wayleave', options.command);
  return 0;
}

/**
 * Needs nothing but bash, may be read twice, and hands the words over as they stand: the script of @bomb.sh/tab needs the
 * package bash-completion, and runs what is between `$(` and `)` in the line that is being typed. `command` is shell text.
 */
const bashScript = (command: string): string => `# bash completion for wayleave
__wayleave_complete() {
  local line directive=0 cur=\${COMP_WORDS[COMP_CWORD]} IFS=$'\\n'
  COMPREPLY=()
  while read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      "$cur"*) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(${command} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # 2: no space behind it; where nothing fits, bash offers names of files
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -o default -F __wayleave_complete wayleave`;
