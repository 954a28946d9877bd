/** How people call the things of a network that the inventory calls otherwise, as data. */

const say = (text: string): readonly string[] => text.split('|');

/** Words for a branch and for a hub, which a number follows; `site` fits both, but a branch better. */
export const BRANCH_WORDS = say(
  'branch|branches|br|b|site|sites|office|offices|store|stores|shop|shops|location|locations|loc|outlet|plant',
);
export const HUB_WORDS = say('hub|hubs|dc|dcs|datacenter|datacentre|headquarters|headquarter|hq|headend');
/** A word for one place, without its number: which one? */
export const PLACE_WORDS = new Set(say('branch|site|office|store|shop|location|outlet|plant'));
/** The first hub, when no number is said. */
export const HUB_PHRASES = say(
  'data center|data centre|datacenter|datacentre|dc|headquarters|head quarters|head office|hq|hub|core site',
);
export const FIRST_WORDS = new Set(say('main|primary|first|active'));
export const SECOND_WORDS = new Set(say('backup|secondary|second|standby|dr|other'));
/** After these words a place is where something goes, not what is wrong. */
export const TOWARDS = new Set(say('reach|reaches|reaching|to|towards|toward|into|access|accessing|ping|pinging|with'));
export const BETWEEN = new Set(say('between|both'));

export const NUMBER_WORDS: { readonly [word: string]: number } = Object.fromEntries(
  say('zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve').map((word, at) => [word, at]),
);
export const ORDINALS: { readonly [word: string]: number } = Object.fromEntries([
  ...say('zeroth|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth').map((word, at) => [word, at]),
  ...say('0th|1st|2nd|3rd|4th|5th|6th|7th|8th|9th|10th').map((word, at) => [word, at]),
]);

/** Transport colours; a weak word is one only beside a word of `LINK_WORDS`. */
export const COLORS: { readonly [color: string]: readonly string[] } = {
  mpls: say('mpls'),
  'biz-internet': say('biz internet|business internet|broadband|inet|dia|cable|dsl|fibre|fiber'),
  lte: say('lte|4g|5g|cellular|mobile network|cell'),
};
export const WEAK_COLORS: { readonly [word: string]: string } = { internet: 'biz-internet', mobile: 'lte' };
export const LINK_WORDS = new Set(
  say(
    'circuit|circuits|link|links|line|lines|path|paths|transport|transports|tunnel|tunnels|uplink|one|wan|provider|over|via|carrier|interface|access',
  ),
);
export const TUNNEL_WORDS = new Set(say('tunnel|tunnels|ipsec|vpn|bfd|overlay'));
export const SESSION_WORDS = new Set(say('bgp|peering|session|neighbor|neighbour|peer'));
export const PROVIDER_WORDS = new Set(say('provider|carrier|isp|telco'));

/** Applications: the name in the inventory or the usual one, and what people say. */
export const APPLICATIONS: { readonly [name: string]: readonly string[] } = {
  erp: say('erp|sap'),
  dns: say(
    'dns|look up names|lookup names|resolve names|host names|hostnames|name lookups|name resolution|resolver|hostname lookups',
  ),
  sip: say('voice|voip|sip|telephony|telephone|phone|phones|phone calls|calls|call'),
  dhcp: say('dhcp|ip address|ip addresses|dhcp leases'),
  ntp: say('ntp|time sync|time synchronisation'),
  ipp: say('printing|ipp'),
  backup: say('backup|backups'),
  m365: say('m365|o365|office 365|microsoft 365|teams|outlook|sharepoint|onedrive|exchange online'),
  saas: say('saas|salesforce|servicenow|workday|cloud apps|cloud applications'),
  video: say('video|zoom|webex|video conferencing|video calls'),
  web: say('web browsing|browsing|web'),
};
/** After `backup` they make it an adjective. */
export const BACKED_UP = new Set(
  say('hub|dc|datacenter|datacentre|data|link|line|path|circuit|site|router|edge|tunnel|power|device'),
);

/** Kinds of hosts: what people say → a part of the host's name. */
export const HOST_WORDS: { readonly [word: string]: string } = {
  printer: 'printer',
  camera: 'cam',
  cam: 'cam',
  cctv: 'cam',
  laptop: 'laptop',
  scanner: 'scanner',
  poller: 'poller',
  ap: 'ap',
  guest: 'guest',
};

/** Words before a person's name. */
export const USER_WORDS = new Set(say('user|username|employee|colleague'));

/** Letters that a number follows in words which name no place: `vrf10`, `as65002`, `e90`, `m365`. */
export const TECHNICAL = new Set(
  say(
    'c|ge|gi|gig|te|xe|eth|et|cell|wan|lan|vrf|vlan|as|asn|tcp|udp|ip|ipv|md|sha|m|o|e|acl|qos|cos|dscp|ef|af|cs|l|p|q|v|w|s|x|t|g|ospfv|snmpv|ike|ikev|http|tls|sev|prio|aes|vmanage|h|r|sip|wifi|port|step|seq|rule|entry|i',
  ),
);
/** Long names of ports and their short one. */
export const PORT_STEMS: { readonly [word: string]: string } = {
  gi: 'ge',
  gig: 'ge',
  gige: 'ge',
  gigabitethernet: 'ge',
  g: 'ge',
};

/** Sites are often named by the IATA code of their city. */
export const CITIES: { readonly [code: string]: readonly string[] } = {
  ams: say('amsterdam'),
  atl: say('atlanta'),
  bcn: say('barcelona'),
  ber: say('berlin'),
  blr: say('bangalore|bengaluru'),
  bom: say('mumbai'),
  bos: say('boston'),
  bru: say('brussels'),
  bud: say('budapest'),
  cdg: say('paris'),
  cph: say('copenhagen'),
  del: say('delhi'),
  den: say('denver'),
  dfw: say('dallas'),
  dub: say('dublin'),
  dxb: say('dubai'),
  fra: say('frankfurt'),
  gva: say('geneva'),
  ham: say('hamburg'),
  hel: say('helsinki'),
  hkg: say('hong kong'),
  iad: say('ashburn|washington'),
  icn: say('seoul'),
  ist: say('istanbul'),
  jfk: say('new york'),
  nyc: say('new york'),
  lax: say('los angeles'),
  lhr: say('london'),
  lon: say('london'),
  lis: say('lisbon'),
  mad: say('madrid'),
  mel: say('melbourne'),
  mex: say('mexico city'),
  mia: say('miami'),
  mil: say('milan'),
  muc: say('munich'),
  ord: say('chicago'),
  osl: say('oslo'),
  par: say('paris'),
  prg: say('prague'),
  rom: say('rome'),
  sea: say('seattle'),
  sfo: say('san francisco'),
  sin: say('singapore'),
  sjc: say('san jose'),
  sto: say('stockholm'),
  syd: say('sydney'),
  tyo: say('tokyo'),
  nrt: say('tokyo'),
  vie: say('vienna'),
  waw: say('warsaw'),
  yyz: say('toronto'),
  zrh: say('zurich'),
};
