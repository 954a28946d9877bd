/** Logins kept in this browser between pages: the key cannot be read, only used, and the refresh token is worth nothing without it. */

/** One login: a person in one tenant. A person of the provider may keep several, one a tenant. */
export interface KeptLogin {
  readonly human: string;
  readonly tenant: string;
  readonly session: string;
  /** Not extractable: a script that got in could use it while the page is open, and carry nothing away. */
  readonly key: CryptoKeyPair;
  readonly refreshToken: string;
  readonly at: number;
}

/** A login that is under way at the authorization server, by its `state`. */
export interface BegunLogin {
  readonly state: string;
  readonly verifier: string;
  readonly key: CryptoKeyPair;
  /** Where the person wanted to go, a path of the console. */
  readonly returnTo: string;
  readonly at: number;
}

const DATABASE = 'wayleave';
const KEPT = 'logins';
const BEGUN = 'begun';
/** A login that was begun and never came back is forgotten after this long. */
const BEGUN_LIFE_MS = 15 * 60_000;

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(KEPT, { keyPath: 'tenant' });
      request.result.createObjectStore(BEGUN, { keyPath: 'state' });
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the browser keeps nothing')));
  });
}

async function use<T>(
  store: string,
  mode: IDBTransactionMode,
  act: (objects: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.addEventListener('complete', () => resolve(request.result));
      transaction.addEventListener('error', () =>
        reject(transaction.error ?? new Error('the browser did not keep it')),
      );
    });
  } finally {
    database.close();
  }
}

export const keepLogin = async (login: KeptLogin): Promise<void> =>
  void (await use(KEPT, 'readwrite', (objects) => objects.put(login)));

export const forgetLogin = (tenant: string): Promise<void> =>
  use(KEPT, 'readwrite', (objects) => objects.delete(tenant));

/** The latest first. */
export async function keptLogins(): Promise<readonly KeptLogin[]> {
  const all: KeptLogin[] = await use(KEPT, 'readonly', (objects) => objects.getAll());
  return all.toSorted((a, b) => b.at - a.at);
}

export async function keepBegun(begun: BegunLogin): Promise<void> {
  const all: BegunLogin[] = await use(BEGUN, 'readonly', (objects) => objects.getAll());
  for (const { state, at } of all) {
    if (begun.at - at > BEGUN_LIFE_MS) await use(BEGUN, 'readwrite', (objects) => objects.delete(state));
  }
  await use(BEGUN, 'readwrite', (objects) => objects.put(begun));
}

/** Once: a state that comes a second time is unknown. */
export async function takeBegun(state: string): Promise<BegunLogin | undefined> {
  const found: BegunLogin | undefined = await use(BEGUN, 'readonly', (objects) => objects.get(state));
  await use(BEGUN, 'readwrite', (objects) => objects.delete(state));
  return found;
}
