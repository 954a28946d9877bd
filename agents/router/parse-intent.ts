/** What a question wants: a small grammar over keywords, with small typing slips forgiven. */
import { findNearest } from './edit-distance.ts';
import { normalise } from './resolve-entities.ts';

export type Wish = 'help' | 'diagnose' | 'status' | 'list' | 'change' | 'drift' | 'watch' | 'experience' | 'unclear';

/** Words worth correcting; shorter ones are left alone, since a slip in them makes another word. */
const KEYWORDS = [
  'status',
  'health',
  'healthy',
  'troubleshoot',
  'diagnose',
  'unreachable',
  'reach',
  'connect',
  'broken',
  'working',
  'compliance',
  'security',
  'suspicious',
  'experience',
  'quality',
  'latency',
  'jitter',
  'remove',
  'delete',
  'enable',
  'disable',
  'describe',
  'description',
  'devices',
  'branches',
  'incidents',
  'investigate',
  'problem',
  'cannot',
  'wrong',
];

/** In order: the first form that fits decides. */
const FORMS: readonly (readonly [Wish, RegExp])[] = [
  ['help', /^(?:help|hello|hi|hey)\b|\bwhat (?:can|do) you (?:do|know)\b|\bhow do you work\b/],
  [
    'change',
    /^(?:please )?(?:can you |could you )?(?:set|change|remove|delete|shut|disable|enable|bring up|describe|configure|reboot|restart|reset|clear|bounce)\b/,
  ],
  [
    'watch',
    /\b(?:threats?|security|suspicious|unauthori[sz]ed|intrusions?|logins?|hacked|attack(?:s|ed)?|who (?:changed|committed|touched))\b/,
  ],
  ['drift', /\b(?:drift(?:ed)?|compliance|compliant|out of sync|in sync|golden|audit)\b/],
  [
    'diagnose',
    /\b(?:why|can(?:'|no)?t|cannot|unreachable|not work\w*|does(?:n't| not)|isn't|won't|broken|down|lost|fail\w*|outage|troubleshoot|diagnose|investigate|wrong|problems?|dead|offline|dark|no (?:connection|access|connectivity))\b/,
  ],
  ['experience', /\b(?:slow\w*|sla|quality|latency|jitter|packet loss|performance|experience|lag\w*)\b/],
  [
    'list',
    /\b(?:list|which|inventory|what (?:devices|sites|branches|hosts|services|incidents))\b|^show\b(?!.*\b(?:status|health)\b)/,
  ],
  [
    'status',
    /\b(?:status|health\w*|how (?:is|are)|overview|ok|okay|fine|well|all (?:good|right)|up|running|check|sweep|everything)\b/,
  ],
];

/** Words after which a new question begins inside one sentence. */
const NEXT = '(?:why|what|how|show|list|is|are|check|who|which|set|remove|can|does|do|tell|diagnose|troubleshoot)';

/** Splits several questions in one into single ones, in order; at most five. */
export function splitQuestions(text: string): readonly string[] {
  return text
    .split(new RegExp(`[?;\\n]+|[.!]\\s+|,?\\s+(?:and|then|also|and then)\\s+(?=${NEXT}\\b)`, 'i'))
    .map((part) => part.replace(/^\s*(?:and|also|then)\s+/i, '').trim())
    .filter((part) => /[a-z]{2}/i.test(part))
    .slice(0, 5);
}

/** The wish of one question. */
export function parseWish(question: string): Wish {
  const text = normalise(question).replace(/[a-z']{6,}/g, (word) => {
    const [nearest, second] = findNearest(word, KEYWORDS, 1);
    return nearest !== undefined && second === undefined ? nearest : word;
  });
  return FORMS.find(([, form]) => form.test(text))?.[0] ?? 'unclear';
}
