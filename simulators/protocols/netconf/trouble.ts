/** Trouble at run time: rpcs that stop at a known point and replies that come out spoiled, as from a faulty device. */
import { frameMessage } from '../../../protocols/netconf/framing.ts';

export type ReplyTrouble = 'none' | 'broken-xml' | 'truncated-chunk' | 'wrong-message-id';

/** An rpc that is to stop: before it acts, or after it acted and before its reply. */
export interface HoldPoint {
  /** Local name of the operation, e.g. `commit`. */
  readonly operation: string;
  readonly when: 'before' | 'after';
}

export interface Hold {
  /** Resolves when an rpc has got to the point and stopped. */
  readonly reached: Promise<void>;
  /** Lets the rpc go on, or takes the hold back when none has come yet. */
  release(): void;
}

export interface Holds {
  hold(point: HoldPoint): Hold;
  /** Waits when a hold is set for this point. */
  pass(point: HoldPoint): Promise<void>;
  releaseAll(): void;
}

export function createHolds(): Holds {
  const set = new Set<{ readonly point: HoldPoint; readonly reach: () => void; readonly released: Promise<void> }>();
  const releases = new Set<() => void>();
  return {
    hold(point) {
      const reaching = createGate();
      const going = createGate();
      const entry = { point, reach: reaching.open, released: going.passed };
      const release = (): void => {
        set.delete(entry);
        releases.delete(release);
        going.open();
      };
      set.add(entry);
      releases.add(release);
      return { reached: reaching.passed, release };
    },
    async pass({ operation, when }) {
      const entry = [...set].find(({ point }) => point.operation === operation && point.when === when);
      if (entry === undefined) return;
      set.delete(entry); // the next rpc of that name only
      entry.reach();
      await entry.released;
    },
    releaseAll() {
      for (const release of [...releases]) release();
    },
  };
}

/** The bytes of a reply under a trouble, and whether the device hangs up after them. */
export function spoilReply(xml: string, trouble: ReplyTrouble): { readonly bytes: Buffer; readonly hangUp: boolean } {
  switch (trouble) {
    case 'none':
      return { bytes: frameMessage(xml, 'chunked'), hangUp: false };
    case 'broken-xml':
      return { bytes: frameMessage(xml.slice(0, -4), 'chunked'), hangUp: false };
    case 'wrong-message-id':
      return {
        bytes: frameMessage(xml.replace(/message-id="[^"]*"/, 'message-id="none-of-yours"'), 'chunked'),
        hangUp: false,
      };
    case 'truncated-chunk':
      return { bytes: Buffer.from(`\n#${xml.length}\n${xml.slice(0, -1)}`), hangUp: true };
  }
}

function createGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
