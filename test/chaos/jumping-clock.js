// Loaded into a process before its program: its wall clock is off by what a file says, read at the start and at each SIGUSR2.
//
// The whole process sees the one clock, its libraries included; timers and monotonic time go on, as when a clock is set.
import { readFileSync } from 'node:fs';

const SystemDate = Date;
// The query of the URL under which this file is loaded.
const file = new URL(import.meta.url).searchParams.get('offset') ?? '';
let offsetMs = 0;

function readOffset() {
  offsetMs = Number(readFileSync(file, 'utf8'));
}
readOffset();
process.on('SIGUSR2', readOffset);

globalThis.Date = class JumpingDate extends SystemDate {
  constructor(...given) {
    if (given.length === 0) super(SystemDate.now() + offsetMs);
    else super(...given);
  }
  static now() {
    return SystemDate.now() + offsetMs;
  }
  // What Node itself makes is a date as well.
  static [Symbol.hasInstance](value) {
    return SystemDate[Symbol.hasInstance](value);
  }
};
