/**
 * What people say and what they want by it: phrases with weights, as data.
 *
 * `word~` stands for every word that begins so; `{site}`, `{device}`, `{app}`, `{user}`, `{host}`, `{link}` and `{port}` for
 * something that was found in the inventory. A phrase of two bars the phrases inside it, so that "break glass" breaks nothing.
 */

export const WISHES = [
  'diagnose',
  'repair',
  'change',
  'status',
  'experience',
  'compliance',
  'security',
  'list',
  'incidents',
  'help',
] as const;
export type Wish = (typeof WISHES)[number];

type Weighted = { readonly [weight: string]: readonly string[] };
const say = (text: string): readonly string[] => text.split('|').map((phrase) => phrase.trim());

/** Weight 4 decides nearly alone; 1 is a hint. */
export const PHRASES: { readonly [Name in Wish]: Weighted } = {
  diagnose: {
    5: say(
      'why is {app} unusable|why can nobody use {app}|is it the network|is it us|the network or|our side|their side|split brain|root cause|troubleshoot~|diagnos~|rca|what broke|find out why|figure out what|single out',
    ),
    4: say(
      'cannot talk|not talk~|not see each other|not coming|never arriv~|not arriv~|not reaching|no lease~|no ip|no dial tone|169 254|apipa|not synced|unsynced|works but|err disabled|error disabled|errdisabled|cannot get|cannot see|what killed|what took|who took down|took down|lost contact|lost touch|knocked out|cannot use|cannot resolve|cannot look up|cannot find|cannot print|fell off|fallen off|off the net|not resolv~|cannot open|cannot load|cannot print|not answer~|not forward~|not pass~|no signal|no link|no carrier|no traffic|no power|up and down|going down|goes down|went down|gone down|go back|cut off|what is causing|what caused|not connect~|not load|not register~|not establish~|not start~|never comes|kicked off|culprit|not get through|stopped respond~|stopped forward~|is not up|not up|not reachable|not online|not come back|not syncing|not sync|cannot reach|can not reach|not reach|cannot connect|cannot be reached|cannot ping|cannot log in|cannot access|no internet|no connect~|no network|no access|went dark|dropped off|not respond~|not work~|does not work|blackhol~|black hol~|out of service|what is wrong|what went wrong|goes wrong|what happened|fail over|failed over|failover|times out|timing out|timed out|time out|connection refused|wont come up|not come up|stays down|nothing gets through|nothing is getting through|can not ping|figure out|dig into|look into|no longer works|stopped working|get through',
    ),
    3: say(
      'timeouts|timeout|split|unreach~|killed|kills|killing|collapsed|vanished|disappeared|missing|unavailable|inaccessible|rejected|rejecting|dropping out|broken down|out of order|acting up|not happy|suffering|died|dies|hung|hangs|hanging|unresponsive|misconfig~|malfunction~|borked|hosed|toast|severed|loop~|storm|knocked|blackout|keeps|switching|cause of|caused|explain|break~|unstable|exhausted|expired|duplicate|wedged|stops|stopped|cannot|unreachable|down|offline|outage~|dead|broken|broke|lost|lose~|losing|gone|dark|flap~|bounc~|drop~|fail|fails|failed|failing|failure~|fault~|investigat~|wrong|trouble|crash~|reboot~ by|stuck|idle|refus~|unable|disconnect~|isolated from|paged|crc|errors|intermittent~|dying|died|kaput',
    ),
    2: say('reach|connectivity|problem~|issue~|why|reason|cause|nobody|not getting|do not get|does not get|hiccup~|no'),
    1: say(
      'mtu|vrrp|acl|duplex|arp|optic~|silent|out|trace|happen~|bgp|ospf|bfd|ipsec|tunnel~|route~|{link}|{port}|wont|find out|not',
    ),
  },
  repair: {
    5: say(
      'roll it back|undo the|make it work|sort it|sort out|revert the|fix|repair|remediate|restore|heal|roll back|rollback|bring back|resolve this|resolve it',
    ),
    3: say('put back|revert|undo|do it|go ahead'),
  },
  change: {
    4: say('set local as|set the local as|set the as|set as|no shut|set description|set the description|bring up'),
    3: say(
      'increase|decrease|raise|lower|extend|swap|replace|push|apply|no shutdown|turn off|turn on|clear|shut|shutdown|shut down|enable|disable|reboot|restart|reset|bounce {port}|configure|remove entry|remove rule|delete',
    ),
    2: say('remove|set|change the|add'),
  },
  status: {
    5: say(
      'did that work|did it work|did that help|did it help|has it worked|did that fix|any problem~|any issue~|any trouble|anything wrong|anything down|anything broken|any outage~|any sites down|any tunnels down|any devices down|any links down|any circuits down|any branches down|anything i should|how are things|how is it going|things looking|up and running|what is the status|problems right now|in trouble|health check|health overview|health status|health of|how is everything|all good|all ok',
    ),
    4: say(
      'healthcheck|licen~ exp~|back up|recovered|state|about to expire|days left|nearly full|filling up|about to run|health~|unhealthy|status|overview|sweep|forecast~|expir~|capacity|run out|breach~|alarms|alerts|uptime|how is {site}|how is {device}|how are {site}|how are {device}|how is {app} doing|been up|state of|summary|doing',
    ),
    3: say(
      'back|licence|license|load average|cpu load|usage|uptime|availability|reachability|stable|trend~|looking good|report|fully operational|operational|well|good shape|sanity|pulse|problem free|any|anything|ready|check everything|check on|alright|ok|okay|fine|up|running fine|utili~|cpu|memory|sla|red|green|dashboard|certificate~|cert|certs|disk|temperature|fans|are well|is well|situation|in good shape|good shape|normal',
    ),
    2: say('check~|how is|how are|all {site}|running|look at|everything|bandwidth|online|alive|reachable|monitor~'),
    1: say('is|are|the network'),
  },
  experience: {
    5: say(
      'seconds to|seconds to load|seconds to open|minutes to load|minutes to open|ages to load|slow to|how is {app}|how are {app}|is {app} ok|is {app} fine|{app} ok|{app} fine|is {app} good|response time~|page load~|how do users feel|users feel|best for {app}|better for|users happy|{app} experience|{app} quality|route {app}|steer {app}|put {app}|move {app}|prefer {app}|prioriti~ {app}|takes long|takes too long|long time|takes a while|taking forever|poor quality|bad quality|high latency|high loss|lots of loss|quality score~|user experience|experience score|call quality|voice quality|video quality|path quality|quality of|app route|app routing|application performance|takes forever|take forever|take ages|takes ages|quality of experience|digital experience',
    ),
    4: say(
      'poor|poorly|meh|awful|terrible|horrible|audio|crackl~|jerky|tinny|congest~|saturat~|speed~|faster|satisf~|feel|reroute|bandwidth hog~|throttl~|unhappy|annoy~|fast|buffer~|skips|skipping|distort~|breaking up|breaks up|cut out|cuts out|cutting out|snail|molasses|drags|dragging|ages|spinning|sla class~|dscp|slow~|sluggish~|lag|lags|laggy|lagging|choppy|jitter~|mos|latency|experience~|quality|robotic|garbled|freez~|froze|stutter~|buffering|crawl~|qos|steer~|prioriti~|round trip|rtt|delay~|performance|perform~|unusable|painful~|echo|degraded|pixelat~|glitch~',
    ),
    3: say(
      'takes|waiting|wait|hiccups|quick|snappy|smooth~|lousy|crappy|rubbish|patchy|muffled|clicks|silence|packet loss|best path|which path|load time|response time|complain~|bad call~|forever to load|voice to|traffic over|happy',
    ),
    2: say(
      'loss|improve|optimi~|worst|score~|better path|better|badly|bad|move {app}|calls|call|video|{user} says|loads|pages|noise',
    ),
    1: say('{app}|{user}|users|good|path~'),
  },
  compliance: {
    5: say(
      'did you do|you did|you have done|have you done|did you change|you changed|still enabled|still allowed|still configured|still in use|enabled anywhere|enabled somewhere|allowed anywhere|anyone touch|someone touch|anyone change|same everywhere|fiddled|fiddling|tinkered|meddled|messed with|has anyone changed|anyone touched|who fiddled|who messed|who did what|out of line|two person rule|second pair of eyes|bypass~|emergency access~|who made|who pushed|who rebooted|who ran|config change~|last change~|recent change~|latest change~|change history|four eyes|separation of duties|manual change~|hand edited|out of process|default password~|snmp v2|snmpv2|config difference~|config diff~|desired state|source of truth|agents did|agent did|ai did|by the ai|by an agent|by agents|by the agents|by the troubleshooter|by hand|not through wayleave|without wayleave|side door|back door change~|behind our back|troubleshooter agent|threat watcher agent|what should be|policy check|rules check|config check|rule violation~|encryption standard~|out of band change~|outside of wayleave|outside wayleave|outside the broker|outside of the broker|unregistered mcp|shadow mcp|mcp server~|mcp client~|break glass|breakglass|zero trust|golden|without review|without approval|without an approval|observe mode|rubber stamp~|unreviewed|what changed|who changed|who touched|who approved|who committed|who edited|who modified|audit log|audit trail|ai agent~|the ai been|the agents been|agent action~|ai action~|ai do~',
    ),
    4: say(
      'denials|denied|telnet|pci|iso 27001|soc 2|gdpr|cis|approvals|approver~|difference~|diff|diffs|permission~|privilege~|should be|reviewed|who did|misuse~|justif~|evidence for|evidence package|ssh|weak cipher~|cleartext|banner|ntp auth~|aaa|tacacs|logging config~|drift~|complian~|audit~|nist|posture|hardened|hardening|deviat~|baseline config|intended|supposed to be|matches the|match the|policy violation~|violat~|running config~|in sync|out of sync|approved|standard~|template~|baseline~|cis benchmark|best practice~|agents|unauthori~ change~|unauthori~ commit~|commits',
    ),
    3: say(
      'settings|policies|auditors|prove|evidence|accountab~|sign off|signed off|denied|denial~|who|mcp|rules|changes|changed|configuration|config|commit~|conform~|regulat~|governance|since {site}|touched|modified',
    ),
    2: say('ai|policy|policies|tenets|change'),
  },
  security: {
    6: say(
      'guessing|guess the|brute forc~|bruteforc~|talking to the internet|c2 traffic|command and control|break in|breaking in|broke in|get in illegally|trying to get in|try to get in|hacked into|weird login~|strange login~|odd login~|wrong password~|password spray~|unknown destination~|unknown device~|unknown mac|traffic to {host}|block {host}|isolate {host}|isolate {device}|isolate {site}|data leak~|leaking data|dns tunnel~|man in the middle|crypto min~|security status|security check|security incident~|security event~|security alert~|attempted login~|logged into|logins|login failure~|authentication failure~|failed authentication~|failed auth|from outside|failed login~|login attempt~|suspicious login~|who logged in|logged in|dhcp server rogue|rogue dhcp|rogue',
    ),
    5: say(
      'up to something|up to no good|call~ home|phon~ home|infected|virus~|trojan~|worm~|c2|mitm|siem|honeypot|sniff~|eavesdrop~|tamper~|stolen|credential~|steal~|sketchy|dodgy|nasty|evil|bot|bots|pwned|owned|unusual|recon~|probing|snoop~|brute force~|port scan~|arp spoof~|arp poison~|syn flood~|under attack|denial of service|data exfil~|exfil~|beacon~|malware|ransomware|intru~|hack~|threat~|quarantin~|suspicious~|anything fishy|fishy|weird place~|somewhere weird|botnet|command and control|compromis~|lateral movement|sending loads|sending lots',
    ),
    4: say(
      'attack~|isolate|contain|block|security|scan~|spoof~|flood~|unauthori~ access|unauthori~ login~|unauthori~ device~|vulnerab~|ddos~|dos|poisoning|exploit~|phish~|breach of security|security breach',
    ),
    3: say('unauthori~|strange|weird|login~|suspect~|odd|anomal~|firewall|bad actor~|attempts'),
    2: say('talking to|attempt~|logs'),
  },
  list: {
    4: say(
      'how many|show applications|show devices|show sites|show hosts|show circuits|show providers|what providers|which providers|which circuits|what circuits|what sites are|sites are there|what is our inventory|who are our providers|show me all|names of|do you know|do you know about|what devices|which devices|what sites|which sites|which branches|what branches|which branches do we have|what applications|which applications|what hosts|which hosts|list all|inventory',
    ),
    2: say('list|enumerate'),
    1: say(
      'show|which|do we have|have we got|devices|sites|branches|hosts|circuits|providers|applications|apps|services|locations|what|give me|tell me|all',
    ),
  },
  incidents: {
    5: say('open incident~|list incidents|list open incidents|show incidents|active incidents|incidents|tickets'),
    3: say('incident|ticket'),
  },
  help: {
    6: say(
      'approve everything|approve all|approve it|approve the|approve my|can you help|help me please|what can i|how to use|what questions|capabilities|teach me|your features|commands|usage examples|need help|what can you do|what do you do|what are you able|what can i ask|how do you work|who are you|what are you|what do you know|your capabilities|how does this work|what else can you',
    ),
    4: say('help'),
    2: say(
      'hello|hi|hey there|good morning|good evening|good afternoon|thanks|thank you|cheers|bye|goodbye|that is all',
    ),
  },
};

/** Wishes that only a question without another wish has: a greeting before a question is no request for help. */
export const POLITE = new Set(
  say(
    'hello|hi|hey|there|good|morning|evening|afternoon|thanks|thank|you|cheers|bye|goodbye|that|is|all|a|lot|much|very|so|then|ok|okay|great|cool|mate|buddy|folks|team|night',
  ),
);

/** Words that say nothing about the wish: a part of only these is no question of its own. */
export const FILLER = new Set(
  say(
    'please|can|could|would|will|you|i|we|me|us|my|our|a|an|the|to|of|at|in|on|for|with|and|or|also|then|now|right|just|any|some|idea|this|that|it|its|there|here|too|as|well|same|what|about|how|is|are|do|does|so|hey|hi|hello|ok|okay|but|by|be|be|was|were|has|have|had|from|one|ones|instead|only|ask|tell|folks|guys|team|morning|evening|thanks|again|quick|quickly|try|once|more|retry|sorry|meant|mean|maybe|think|know|see|want|need|like|get|got|let|looks|seems|if|when|where|whether|branch|site|office|s|t',
  ),
);

/** A word that begins a further question after "and", "then" or a comma. */
export const STARTERS = new Set(
  say(
    'why|what|how|show|list|is|are|check|who|which|set|remove|can|does|do|did|tell|diagnose|troubleshoot|find|any|give|run|has|have|was|were|audit|look|quarantine|block|fix|anything|will|when|where|should|r|hows|whats|whys|whos|wheres',
  ),
);
/** Words of somebody who asks for nothing: a text of only these is no question. */
export const ACKNOWLEDGING = new Set(
  say(
    'ok|okay|k|great|cool|nice|perfect|thanks|thank|you|cheers|yes|yep|yeah|nope|understood|nvm|never|mind|sure|mate|whatever|ta|noted|roger',
  ),
);

/** Words that join two questions. */
export const JOINTS = new Set(say('and|then|also|plus|furthermore|additionally|besides'));

/** A question that begins so continues the one before. */
export const CONTINUES: readonly string[] = say(
  'and|what about|how about|same for|same with|same thing|also|too|as well|ditto|likewise|or|what of|and for|now|next|then|try again|again|once more|retry|sorry|i meant|i mean|no i meant',
);
/** Words that point at what was spoken of before. */
export const POINTERS = new Set(say('it|its|there|that|this|those|they|them|their|same|such|he|she'));
/** "All branches", "everything", "the network". */
export const ALL = new Set(
  say(
    'all|every|everything|everywhere|network|wan|fleet|whole|overall|each|estate|across|globally|networkwide|both|others|rest|remaining',
  ),
);
/** "Anything", which may also be meant of the place that was spoken of. */
export const ANY = new Set(say('any|anything|anybody|anywhere|anyone|something|someone|somebody|nobody|nothing'));

/** Short forms, one to several words. */
export const SHORT_FORMS: { readonly [word: string]: string } = {
  pls: 'please',
  any1: 'anyone',
  anybody: 'anyone',
  somebody: 'someone',
  some1: 'someone',
  every1: 'all users',
  no1: 'nobody',
  b4: 'before',
  abt: 'about',
  v: 'very',
  hw: 'how',
  wat: 'what',
  tmrw: 'tomorrow',
  nite: 'night',
  bruteforce: 'brute force',
  prob: 'problem',
  probs: 'problems',
  pw: 'password',
  nbr: 'neighbor',
  nbrs: 'neighbors',
  intf: 'interface',
  int: 'interface',
  adj: 'adjacency',
  cust: 'customer',
  plz: 'please',
  u: 'you',
  w: 'with',
  gimme: 'give me',
  whats: 'what is',
  overnite: 'overnight',
  lastnite: 'last night',
  tonite: 'tonight',
  smth: 'something',
  sth: 'something',
  someones: 'someone is',
  devs: 'devices',
  xmas: 'christmas',
  wkend: 'weekend',
  frm: 'from',
  btwn: 'between',
  doin: 'doing',
  usr: 'user',
  usrs: 'users',
  sry: 'sorry',
  lsit: 'list',
  whys: 'why is',
  lookin: 'looking',
  tix: 'tickets',
  svc: 'service',
  exp: 'experience',
  pps: 'packets per second',
  thru: 'through',
  wk: 'week',
  '2day': 'today',
  '2nite': 'tonight',
  '2morrow': 'tomorrow',
  l8ly: 'lately',
  gr8: 'great',
  thats: 'that is',
  theres: 'there is',
  theyre: 'they are',
  youre: 'you are',
  havent: 'have not',
  aint: 'is not',
  kinda: 'kind of',
  gonna: 'going to',
  wanna: 'want to',
  lemme: 'let me',
  dunno: 'do not know',
  cuz: 'because',
  bc: 'because',
  rn: 'now',
  atm: 'now',
  fyi: 'please',
  btw: 'please',
  idk: 'do not know',
  hows: 'how is',
  wheres: 'where is',
  whos: 'who is',
  cant: 'cannot',
  dont: 'do not',
  isnt: 'is not',
  doesnt: 'does not',
  arent: 'are not',
  didnt: 'did not',
  tshoot: 'troubleshoot',
  ts: 'troubleshoot',
  perf: 'performance',
  conn: 'connection',
  cfg: 'config',
  conf: 'config',
  configs: 'config',
  configuration: 'config',
  configurations: 'config',
  thx: 'thanks',
  ty: 'thanks',
  tnx: 'thanks',
  ckt: 'circuit',
  tun: 'tunnel',
  bw: 'bandwidth',
  util: 'utilisation',
  mem: 'memory',
  pkt: 'packet',
  pkts: 'packets',
  lat: 'latency',
  asap: 'please',
  wtf: 'what',
  y: 'why',
  r: 'are',
  n: 'and',
  ppl: 'users',
  people: 'users',
  folks: 'users',
  staff: 'users',
  employees: 'users',
  customers: 'users',
  guys: 'users',
  everyone: 'all users',
  everybody: 'all users',
};
