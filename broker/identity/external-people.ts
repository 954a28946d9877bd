/** People whom an external issuer vouches for, beside those of the user file: with the roles of their last login there, for an hour. */
import { z } from 'zod';
import { ROLES } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { type ExternalIdentity, ExternalLoginRefused } from './external-issuer.ts';
import type { KeyedRecords } from './keyed-records.ts';
import type { Revocation } from './revocation.ts';
import type { User, UserDirectory } from './users.ts';

export const externalPerson = z.strictObject({
  name: z.string(),
  tenant: z.string(),
  roles: z.array(z.enum(ROLES)).readonly(),
  issuer: z.string(),
  subject: z.string(),
  /** When the issuer last vouched for them. */
  seenAt: z.string(),
  /** Suspended here, whatever the issuer says. */
  disabled: z.boolean(),
});
export type ExternalPerson = Readonly<z.infer<typeof externalPerson>>;

/** How old the issuer's word may be: roles that are taken away there are gone here after this time at the latest. */
const WORD_MS = 3_600_000;

export interface ExternalPeople {
  /** Both directories as one; a name of the user file is never answered from the other. */
  readonly users: UserDirectory;
  /** Takes in what the issuer said. Throws `ExternalLoginRefused`: suspended, or the name is somebody else's. */
  admit(identity: ExternalIdentity): Promise<User>;
}

export interface ExternalPeopleDeps {
  readonly local: UserDirectory;
  readonly people: KeyedRecords<ExternalPerson>;
  readonly clock: Clock;
  readonly revocation: Revocation;
}

export function createExternalPeople(deps: ExternalPeopleDeps): ExternalPeople {
  const { local, people, clock, revocation } = deps;
  /** A word that is too old is as good as a suspension: the person logs in again. */
  const toUser = ({ name, tenant, roles, disabled, seenAt }: ExternalPerson): User => {
    const age = clock.now() - Date.parse(seenAt);
    return { name, tenant, roles, disabled: disabled || age > WORD_MS };
  };
  return {
    users: {
      async find(name) {
        const own = await local.find(name);
        if (own !== undefined) return own;
        const known = await people.get(name);
        return known === undefined ? undefined : toUser(known);
      },
      list: async () => [...(await local.list()), ...(await people.list()).map(toUser)],
      async update(name, change) {
        if ((await local.find(name)) !== undefined) return local.update(name, change);
        const changed = await people.update(name, (before) => {
          if (before === undefined) throw new WayleaveError('NOT_FOUND');
          const { roles, disabled } = change({ ...before, disabled: before.disabled });
          if (roles.join() !== before.roles.join())
            throw new WayleaveError('DENIED', 'The roles of this person are given by the issuer, and changed there.');
          return { ...before, disabled: disabled === true };
        });
        return toUser(changed);
      },
    },
    async admit({ issuer, subject, name, tenant, roles }) {
      if ((await local.find(name)) !== undefined) throw new ExternalLoginRefused('the name is one of the user file');
      const seenAt = new Date(clock.now()).toISOString();
      const admitted = await people.update(name, (before) => {
        if (before !== undefined && (before.issuer !== issuer || before.subject !== subject))
          throw new ExternalLoginRefused('the name belongs to somebody else of the issuer');
        if (before?.disabled === true) throw new ExternalLoginRefused('the person is suspended here');
        return { name, tenant, roles, issuer, subject, seenAt, disabled: false };
      });
      await revocation.bump();
      return toUser(admitted);
    },
  };
}
