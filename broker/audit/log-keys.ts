/** The keys under which a log signs, one after the other; each is named by a checkpoint that the one before it signed. */
import { WayleaveError } from '../errors.ts';
import { type NoteSigner, type NoteVerifier, parseVerifier, printVerifier } from './note.ts';

/** Private keys of the generations behind the first. */
export interface LaterKeys {
  /** Key number `generation` (1 = the first that replaced another); undefined when there is none. */
  find(generation: number): NoteSigner | undefined;
  /** The same, made and made durable when it is missing. */
  make(generation: number): NoteSigner;
}

export interface LogKeys {
  /** The key that is trusted from outside; all later ones are followed from it. */
  readonly root: NoteVerifier;
  /** Throws `FOLDER_UNUSABLE` when the key is not there. */
  signer(generation: number): NoteSigner;
  verifier(generation: number): NoteVerifier;
  make(generation: number): NoteSigner;
}

export function createLogKeys(first: NoteSigner, later?: LaterKeys): LogKeys {
  const verifierOf = (signer: NoteSigner): NoteVerifier => parseVerifier(printVerifier(signer, 'log'));
  const signer = (generation: number): NoteSigner => {
    const found = generation === 0 ? first : later?.find(generation);
    if (found === undefined)
      throw new WayleaveError('FOLDER_UNUSABLE', `Key ${generation} of the audit log is in force and missing.`);
    return found;
  };
  return {
    root: verifierOf(first),
    signer,
    verifier: (generation) => verifierOf(signer(generation)),
    make(generation) {
      if (later === undefined) throw new WayleaveError('UNAVAILABLE', 'The key of this audit log cannot be rotated.');
      return later.make(generation);
    },
  };
}
