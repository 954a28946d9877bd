/** Names that people give to parts of a configuration: rules, lists, policies. */
import { z } from 'zod';

export const configName = z.string().regex(/^[\w.:-]{1,64}$/);
