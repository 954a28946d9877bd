/** The rules for what is installed: each package by the digest of its bytes, from a registry, and none runs a script for that. */
import { z } from 'zod';

const locked = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const manifest = z.looseObject({ allowScripts: z.record(z.string(), z.boolean()).default({}) });

/** Every broken rule, one line each. `lock` and `root` are the parsed `package-lock.json` and `package.json`. */
export function findLockBreaches(lock: unknown, root: unknown): readonly string[] {
  const { packages } = locked.parse(lock);
  const { allowScripts } = manifest.parse(root);
  const breaches: string[] = [];
  const scripted = new Set<string>();
  for (const [place, entry] of Object.entries(packages)) {
    if (place === '') continue;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? ''))
      breaches.push(`${place} is not locked by a digest`);
    // Without an address it is the registry that npm is set to.
    const { resolved = 'https://registry/package.tgz' } = entry;
    if (!/^https:\/\/[^/]+\/.+\.tgz$/.test(resolved) || entry.link === true)
      breaches.push(`${place} comes from somewhere else than a registry`);
    if (entry.hasInstallScript !== true) continue;
    scripted.add(name);
    if (allowScripts[name] !== false) breaches.push(`${place} wants to run a script, and nobody said no`);
  }
  for (const [name, allowed] of Object.entries(allowScripts)) {
    if (allowed) breaches.push(`${name} may run a script`);
    else if (!scripted.has(name)) breaches.push(`${name} is forbidden to run a script that it does not have`);
  }
  return breaches;
}
