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

In bash the package bash-completion must be there. Names of devices and sites are completed in \`wayleave chat\`.`,
    )
    .action(act(form, complete));
  completion.addArgument(completion.createArgument('<shell>', 'Your shell').choices(SHELLS));
}

export async function complete(_cli: Cli, options: z.infer<typeof form>, [shell]: readonly string[]): Promise<number> {
  const { script } = await import('@bomb.sh/tab');
  script(shellForm.parse(shell), 'wayleave', options.command);
  return 0;
}
