/**
 * The trade's own words for what the lexicon says in plain ones, as data: states of protocols, syslog mnemonics, change verbs,
 * kinds of attacks, complaints of users, frameworks of auditors. Same form and weights as in the lexicon.
 */
import type { Wish } from './lexicon.ts';

const say = (text: string): readonly string[] => text.split('|').map((phrase) => phrase.trim());

export const JARGON: { readonly [Name in Wish]: { readonly [weight: string]: readonly string[] } } = {
  diagnose: {
    5: say(
      'is it the|busted|the story|the deal with|what gives|wont come back|not come back|wont come up|wont go back|refuses to come|cannot work|nothing passes|nothing works|nothing gets|does not receive|do not receive|did not receive|postmortem|post mortem|deep dive|go deeper|get to the bottom|narrow down|pinpoint|walk me through|what is going on with|what is up with|what is the matter|where is the problem|where is it broken|debug|reconstruct|retrace',
    ),
    4: say(
      'never appears|never loads|never opens|never works|from establishing|from coming up|adjchange|updown|changed state|line protocol|adjacency lost|adjacency down|neighbor down|neighbor lost|hold timer~|hold time|dead timer|dpd|phase 1|phase 2|no proposal|rekey~|mtu mismatch|duplex mismatch|late collision~|input errors|output errors|output drops|input drops|tail drops|carrier transition~|rx power|light level~|link light|servfail|nxdomain|no offer~|no lease~|no gateway|mac flap~|topology change~|broadcast storm|route leak~|no route~|missing route~|missing prefix~|no default route|asymmetric~|asymmetry|ttl expired|connection reset|reset by peer|handshake~|clock skew|split brain|dual master|dual active|core dump|memory leak|power cut|power outage|power supply|fiber cut|fibre cut|cable cut|one way audio|df bit|fragment~|comes and goes|on and off|in and out|used to work|no longer|not able to|having trouble|by itself|on its own|all of a sudden|keeps rebooting|reboot loop|cannot see|not see|cannot print|cannot call|no dial tone|dies after|died after|never reach~|not arriv~|not getting through|no comms|isolated|conked out|gave up|no joy|bit the dust|out cold|kicked the bucket',
    ),
    3: say(
      'never|keeping|keeps me|nothing|vanish~|exstart|stuck in|runts|giants|overrun~|climbing|spanning tree|stp|preempt~|reload~|traceback|randomly|spontaneously|suddenly|unsync~|disconnects|hiccuping|playing up|on the blink|outage|blip~|glitched|nbr|analy~',
    ),
    2: say('transceiver|sfp|arp|gateway|dropouts|adjacency|peering'),
  },
  repair: {
    5: say('make it go away|get it back|get it working|bring it back|back it out|back out|undo yesterdays|undo'),
    3: say('reverse|put it back'),
  },
  change: {
    4: say(
      'get {site} back on|get {site} off|change the|need to change|power cycle|switch over|fail over to|cut over|push the|static route|fail {site} over|back on|back off',
    ),
    3: say(
      'bump|renew|reissue|rotate|provision|deploy|install|activate|deactivate|kick|migrate|upgrade|downgrade|patch|tune|adjust|modify|edit|alter|update|assign|allocate|advertise|withdraw|redistribute|create|reprovision|fail~ over',
    ),
    2: say('change|attach|detach|bind|open port'),
  },
  status: {
    5: say(
      'settle down|calm down|quieten down|can i trust|can i rely|breaks next|fails next|fail next|did {site} come|did {device} come|did {link} come|has {site} come|did {site} recover|has {site} recovered|did {site} survive|keeps growing|is growing|trending|did the failover|did the change|did the repair|back to normal|all green|all clear|everything normal|any red|state of play|shift report|handover|shift handover|rundown|recap|close to capacity|close to the limit|how full|how loaded|how busy|headroom|active alarms|current alarms|back online|in service|quick check',
    ),
    4: say(
      'traffic lights|going home|handing over|show me the state|show status|sh ip|show ip|show bgp|show me bgp|show ospf|show bfd|show tunnels|show me the tunnels|show interfaces|show vrrp|bgp summary|bgp sum|which are red|are red|is red|standby or active|active or standby|firmware|version|fully up|how is {host}|is {site} alive|is {device} alive|presently operational',
    ),
    3: say(
      'snapshot|glance|sh|display|loaded|occupancy|heads up|due|renewal|temps|fan|environment|weekly|monthly|alive|standby',
    ),
  },
  experience: {
    5: say(
      'fast enough|quick enough|good enough|cannot stand|keeps freezing|keeps buffering|keeps stuttering|keeps breaking up|keeps cutting out|send {app}|half a minute|wait for every|repeat that|stall at|stalls at|dropped calls|call drops|calls drop~|spinning wheel|ping time~|latency spike~|rate {site}|best path for {app}|path should {app}|path for {app}|off {link}|use {link} for {app}|higher than usual|slower than usual|which path|through the roof|user happiness|compare {site}|after the qos',
    ),
    4: say(
      'slideshow|slide show|best voice|best video|fed up|spinning|stall~|doubled|tripled|ux|treacle|dog slow|janky|metallic|underwater|blurry|grainy|robot~|pkt loss|packet loss|retransmi~|out of order packets|bandwidth for|shaping|steering|offload|moan~|whin~|grumbl~|crawls|unbearable|r factor|pesq|responsive~|responsiveness|spikes',
    ),
    3: say('rate|rating|rank~|compare|comparison|worst app|best path|queue~|dscp|shape|complaints'),
  },
  compliance: {
    5: say(
      'set up identically|set up the same|template mismatch|config mismatch|config changes|through the broker|policies are followed|rules are followed|according to policy|per standard|against golden|vs golden|gold config|not per|who did that|who did this|who was it|who configured|who has changed|go round the broker|went round the broker|around the broker|round the broker|past the broker|without ticket|no ticket|unapproved~|agents were refused|agents refused|was refused|were refused|actions refused|same template|same config|running vs startup|running versus startup|startup config|not supposed to|was not supposed|password auth~|community public|community string~|snmp community|shadow mcp|pushed config|touch {site}|touched {site}',
    ),
    4: say(
      'alike|the same way|on all devices|on every device|off everywhere|contradict~|exceed~|stig|sox|hipaa|iso|waiver~|exception~|refusals|refused|consisten~|uniform|identical|differs~|unsaved|default credential~|weak crypto|tls version|ssh version|least privilege|approval trail|evidence for auditors|for auditors|config changes|rules does|breaks rules|break the rules',
    ),
    3: say('hardened|deviation~|rules'),
  },
  security: {
    6: say(
      'failing ssh|failed ssh|fails ssh|failing login~|tries to log|trying to log|try to log|to the outside|kick {host}|port sweep|sweep against|unknown {app}|unexpected {app}|second {app} server|{app} tunnel~|tunnelling|sweeping|unrecogni~|unfamiliar|connections every|data going|going out of|data out|not ours|port scan~|large upload~|big upload~|uploading|data leaving|phoning home|phone home|calling home|call home|weird address|unknown ip|unknown address|unknown host|traffic spike~|outbound spike~|password guess~|credential stuffing|poking around|poke around|from the outside|evil twin|new mac|disable the account|revoke access|sandbox vlan|put {host} in',
    ),
    5: say(
      'hostile|malicious|hammered|hammering|syns|syn|nmap|scanned|scanner|knocking|udp flood|amplification|volumetric|call home|ioc|iocs|mining|miner|spreading|locked out|lockout|sinkhole|intruder~|pwn~|siem|cve|cves|ids|spoofed|poisoned',
    ),
    3: say('gigabytes|terabytes|abroad|russia|china|overseas|outbound|inbound from|sandbox|blacklist~'),
  },
  list: {
    4: say('what do i have|what have we got|what do we have|name the|name all'),
  },
  incidents: {
    5: say(
      'open tickets|open cases|what is open|still open|outstanding tickets|outstanding incidents|ticket list|incident list|open issues',
    ),
  },
  help: {
    6: say(
      'what you do|what you can|never mind|forget it|false alarm|wrong window|call me|phone me back|ring me|how can you help|what are you good for|give me examples|show me examples|instructions|what can you',
    ),
  },
};
