/** The one table of errors: code → HTTP status, exit code, message and the way out. `docs/errors.md` is kept equal by a test. */

interface ErrorRow {
  readonly status: number;
  readonly exit: number;
  readonly message: string;
  readonly hint: string;
}

export const ERRORS = {
  USAGE: {
    status: 400,
    exit: 2,
    message: 'The command or request is not understood.',
    hint: 'See --help for the form.',
  },
  CONFIG_INVALID: {
    status: 400,
    exit: 2,
    message: 'The configuration is invalid.',
    hint: '`wayleave config show --origin` tells where each value comes from.',
  },
  SCENARIO_INVALID: {
    status: 400,
    exit: 2,
    message: 'The scenario is malformed.',
    hint: 'The message names the field; docs/scenarios.md has the schema.',
  },
  REPLAY_UNREADABLE: {
    status: 400,
    exit: 2,
    message: 'The recorded run cannot be read.',
    hint: 'Give a file that `wayleave replay … --json` or `wayleave record` wrote.',
  },
  PHRASINGS_INVALID: {
    status: 400,
    exit: 2,
    message: 'The file of phrasings is malformed.',
    hint: 'The message names the line; `wayleave route --help` shows the form of one.',
  },
  CATALOGUE_MISSING: {
    status: 404,
    exit: 2,
    message: 'The incident catalogue cannot be read.',
    hint: 'Give its path with --catalogue, or reinstall to restore the bundled one.',
  },
  INPUT_INVALID: {
    status: 400,
    exit: 2,
    message: 'The input of the tool is not valid.',
    hint: 'The message names the field; `wayleave tools list` shows the schema.',
  },
  FAULT_INVALID: {
    status: 400,
    exit: 2,
    message: 'The fault cannot be injected there.',
    hint: '`wayleave fault list` shows the types, `wayleave fault places TYPE` the resources that can bear one.',
  },
  TOPOLOGY_INVALID: {
    status: 400,
    exit: 2,
    message: 'The network is not described well.',
    hint: 'The message names the place; docs/topologies.md explains the file and the names.',
  },
  UNAUTHENTICATED: {
    status: 401,
    exit: 4,
    message: 'Who asks could not be established.',
    hint: 'Log in again; a token is good for minutes and for one audience.',
  },
  STEP_UP_REQUIRED: {
    status: 401,
    exit: 4,
    message: 'This needs a second factor that was shown a few minutes ago.',
    hint: 'Give --code with --as, or `wayleave step-up CODE` for a login that is kept; `wayleave users second-factor` enrols one.',
  },
  LOGIN_FAILED: {
    status: 401,
    exit: 4,
    message: 'User name or password is wrong.',
    hint: '`wayleave up` prints the logins of a simulated installation.',
  },
  DENIED: {
    status: 403,
    exit: 3,
    message: 'Policy does not permit this.',
    hint: 'The reasons name the policies; somebody with the role for it can explain more.',
  },
  SUSPENDED: {
    status: 403,
    exit: 3,
    message: 'Too much was refused: this person is suspended here.',
    hint: 'Somebody else with a role for it looks, then: `wayleave sessions clear PERSON --as admin@…`.',
  },
  NOT_FOUND: {
    status: 404,
    exit: 1,
    message: 'There is no such thing in this tenant.',
    hint: 'Check the name; `wayleave inventory list` shows the devices of the tenant.',
  },
  CONFLICT: {
    status: 409,
    exit: 1,
    message: 'The same intent id was used with other content.',
    hint: 'Use a new id for a new proposal.',
  },
  DRIFT: {
    status: 409,
    exit: 1,
    message: 'The device changed since the approval was shown.',
    hint: 'Propose the change again; the approval is void.',
  },
  APPROVAL_REJECTED: {
    status: 409,
    exit: 5,
    message: 'The approval was rejected.',
    hint: 'The reason is in the approval; propose something else.',
  },
  APPROVAL_EXPIRED: {
    status: 409,
    exit: 5,
    message: 'The approval expired.',
    hint: 'Propose the change again and have it approved in time.',
  },
  APPROVAL_CLOSED: {
    status: 409,
    exit: 5,
    message: 'The approval is no longer open for votes.',
    hint: 'It was decided, consumed or voided; see `wayleave approvals show`.',
  },
  TOO_LARGE: { status: 413, exit: 1, message: 'The request is larger than the limit.', hint: 'Ask for less at once.' },
  LIMITED: { status: 429, exit: 1, message: 'A limit is reached.', hint: 'Try again later, or narrow the targets.' },
  DEVICE_UNREACHABLE: {
    status: 502,
    exit: 1,
    message: 'The device could not be reached.',
    hint: 'Nothing was sent. Check its management path.',
  },
  DEVICE_PROTOCOL: {
    status: 502,
    exit: 1,
    message: 'The device broke its protocol.',
    hint: 'The session was closed and nothing was taken from it; see the broker log.',
  },
  DEVICE_REFUSED: {
    status: 502,
    exit: 1,
    message: 'The device refused the operation.',
    hint: 'The message has the error of the device.',
  },
  DEVICE_IDENTITY: {
    status: 502,
    exit: 1,
    message: 'The device did not prove its identity.',
    hint: 'Its host key or certificate differs from the pinned one: find out why before accepting it.',
  },
  DEVICE_QUARANTINED: {
    status: 409,
    exit: 1,
    message: 'The device is in quarantine and takes no change.',
    hint: '`wayleave device show NAME` tells why; somebody with a role for it looks, then: `wayleave device release NAME`.',
  },
  UPSTREAM_UNREACHABLE: {
    status: 502,
    exit: 1,
    message: 'The upstream MCP server does not answer.',
    hint: '`wayleave mcp upstream show NAME` asks it again and tells what is wrong.',
  },
  UPSTREAM_PROTOCOL: {
    status: 502,
    exit: 1,
    message: 'The upstream MCP server broke its protocol.',
    hint: 'Nothing was taken from its answer. `wayleave mcp upstream show NAME` asks it again.',
  },
  OVERLOADED: {
    status: 503,
    exit: 1,
    message: 'The broker has more to do than it can; reads wait first.',
    hint: 'Try again after the seconds that the answer names (Retry-After). Approvals and changes under way go on.',
  },
  UNAVAILABLE: {
    status: 503,
    exit: 1,
    message: 'A part of Wayleave is not running.',
    hint: '`wayleave doctor` tells which; `wayleave up` starts them all.',
  },
  CHANGES_STOPPED: {
    status: 503,
    exit: 1,
    message: 'Changes are stopped until a human looks.',
    hint: '`wayleave policy status` tells why, and the way on.',
  },
  SIGNATURE_INVALID: {
    status: 400,
    exit: 1,
    message: 'The signed text does not hold.',
    hint: 'Sign the folder again with `wayleave policy sign`, and propose what it wrote, unchanged.',
  },
  PORT_IN_USE: {
    status: 500,
    exit: 1,
    message: 'The port is in use.',
    hint: 'Stop the other program, or choose another port with --broker-port or --agents-port.',
  },
  FOLDER_UNUSABLE: {
    status: 500,
    exit: 1,
    message: 'The data folder cannot be used.',
    hint: 'Make it writable for this user, or choose another with --home.',
  },
  LOCKED: {
    status: 500,
    exit: 1,
    message: 'Another process uses this data folder.',
    hint: 'Stop the other installation, or choose another folder with --home.',
  },
  BACKUP_INVALID: {
    status: 400,
    exit: 20,
    message: 'The backup cannot be restored.',
    hint: 'The message says what does not fit; nothing was written. Take another backup, or see docs/storage.md.',
  },
  BACKUP_OLD: {
    status: 409,
    exit: 20,
    message: 'The backup is older than what the witness saw of the audit log.',
    hint: 'Restore a newer one. If there is none: --accept-loss "why", which the log then tells (docs/storage.md).',
  },
  NOT_EMPTY: {
    status: 409,
    exit: 1,
    message: 'There is an installation already.',
    hint: 'Restore into another --home or databaseSchema, or move away what is there; nothing is ever overwritten.',
  },
  AUDIT_BROKEN: {
    status: 500,
    exit: 20,
    message: 'The audit log does not verify.',
    hint: 'The message names the entry. Keep the folder as it is and call security.',
  },
  INTERNAL: {
    status: 500,
    exit: 1,
    message: 'Something failed inside Wayleave.',
    hint: 'The log has the details under the id given.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An error for people and programs: stable code, what was wrong, how to fix it. Never a stack trace, never a secret. */
export class WayleaveError extends Error {
  override readonly name = 'WayleaveError';
  readonly code: ErrorCode;
  /** When it is worth another try: the `Retry-After` of RFC 9110 §10.2.3. */
  readonly retryAfterSeconds: number | undefined;
  constructor(code: ErrorCode, detail?: string, retryAfterMs?: number) {
    super(detail ?? ERRORS[code].message);
    this.code = code;
    this.retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
  get status(): number {
    return ERRORS[this.code].status;
  }
  get exit(): number {
    return ERRORS[this.code].exit;
  }
  get hint(): string {
    return ERRORS[this.code].hint;
  }
  /** The form in which every HTTP API and `--json` answer carries an error. */
  toJSON(): {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly retryAfterSeconds?: number;
    };
  } {
    const { code, message, hint, retryAfterSeconds } = this;
    return { error: { code, message, hint, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) } };
  }
}
