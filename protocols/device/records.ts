/** Records that people keep beside the network: what is approved, and who is known. */

export interface NetworkRecords {
  readonly windows: readonly MaintenanceWindow[];
  readonly tickets: readonly ChangeTicket[];
  readonly knownSources: readonly KnownSource[];
}

export interface MaintenanceWindow {
  readonly id: string;
  readonly resource: string;
  readonly from: number;
  readonly until: number;
  readonly summary: string;
}

export interface ChangeTicket {
  readonly id: string;
  readonly device: string;
  readonly implementer: string;
  readonly from: number;
  readonly until: number;
  readonly summary: string;
}

export interface KnownSource {
  /** Address or prefix, or a host name of a vendor. */
  readonly name: string;
  readonly role: 'scanner' | 'management' | 'vendor' | 'time-server';
  readonly summary: string;
}
