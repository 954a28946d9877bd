/** Makes a tool that the registry can hold beside others: its input is parsed again where it is used, so no type is asserted. */
import type { Tool } from './tool.ts';

export function defineTool<Input>(tool: Tool<Input>): Tool {
  const { postConditions, lasts, ...rest } = tool;
  const erased: Tool = {
    ...rest,
    plan: (input, target, context) => tool.plan(tool.input.parse(input), target, context),
    read: (replies, context, input) =>
      input === undefined ? tool.read(replies, context) : tool.read(replies, context, tool.input.parse(input)),
    ...(lasts === undefined ? {} : { lasts: (input) => lasts(tool.input.parse(input)) }),
  };
  if (postConditions === undefined) return erased;
  return {
    ...erased,
    postConditions: (input, target, context) => postConditions(tool.input.parse(input), target, context),
  };
}
