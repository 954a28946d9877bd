/** What the agent on a server reports about the processes behind its services. */
export interface HostProcess {
  readonly host: string;
  readonly process: string;
  /** `unreachable`: the agent does not answer. */
  readonly state: 'running' | 'stopped' | 'unreachable';
}
