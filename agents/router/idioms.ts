/**
 * Idioms of the trade with their variants, for the router to learn from like from `examples.ts`: `(a/b) c` stands for `a c` and `b c`.
 * Ordered by what is spoken of, so that a gap is seen. Over 300 lines because it is data that is read side by side.
 */
import type { Wish } from './lexicon.ts';

const say = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean);

export const IDIOMS: { readonly [Name in Wish | 'unclear']: readonly string[] } = {
  diagnose: say(`
    why (is {app}/is {app} at {site}) unusable
    why can nobody (use {app}/at {site} use {app})
    {site} (fell over/fell off the map/is flat on its back/is belly up/went belly up/is hosed/is borked/is knackered/is buggered/is shot/is fubar/is wedged)
    {site} (bit the dust/gave up the ghost/packed up/packed in/conked out/is a brick/is bricked/is pining for the fjords/is an ex branch/is no more)
    (lost/we lost/just lost/we have lost) (comms/contact/management/visibility) (to/with) {site}
    {link} (is kaput/went south/has gone south/packed in/is hard down/is as dead as a dodo/went to lunch/took a dive/keeps dying on us/is up and down like a yo yo)
    {link} at {site} (is hard down/keeps bouncing/goes up and down all day/will not stay up/refuses to come up/drops every few minutes/is doing a yo yo)
    (bgp/ospf/bfd/ipsec/the tunnel/vrrp) (is having a wobble/is playing silly buggers/wont come up/is stuck/is flapping like mad/went idle/is in active/is bouncing) (at/on) {site}
    (session/adjacency/neighbor/peer) (is stuck in/never leaves/sits in) (init/exstart/idle/active/connect/exchange) (at/on) {device}
    (cannot get/get no/no) (lease/address from dhcp/ip address) (at/in) {site}
    (the pool is/dhcp scope is/dhcp pool/address pool) (empty/used up/exhausted/full/dry/out of addresses) at {site}
    dhcp (is not answering/hands out nothing/gives no leases/server is dead/relay is broken) at {site}
    (pc/laptop/machine/client/box) (gets/has/shows/ends up with) (an apipa address/a self assigned address/a link local address/no ip/169 254)
    {host} (gets/has) (an apipa address/a self assigned address/no ip)
    (names do not resolve/nothing resolves/lookups time out/resolver is dead/dns is dead/dns times out/servfail everywhere) at {site}
    (is it/it is/could it be/bet it is) (dns/dns again/always dns/ntp/dhcp/the provider/the firewall/the mtu/the carrier/our end/their end) at {site}
    is it (us or the provider/us or them/our side or theirs/the box or the line/the circuit or the router) at {site}
    (clocks are off/ntp is out of sync/clock drifts/ntp lost its peers/time is wrong) at {site}
    nat (table is full/pool is exhausted/ran out of ports/is out of translations/is broken) at {site}
    (translations/session table/arp table/route table/tcam/conntrack) (is full/ran out/is overflowing/exhausted) (on/at) {device}
    {port} (is err disabled/went err disabled/is flapping/shows crcs/has errors/is amber/is stuck/eats packets/is half duplex/has input errors/lost light/shows no light)
    (crc errors/fcs errors/crcs/runts/giants/late collisions/input errors/output drops) (climb/are climbing/keep climbing/go through the roof/everywhere/like crazy) (on/at) {site}
    (optic/sfp/transceiver/cable/patch lead/fibre) (is dying/is bad/is dodgy/looks bad/is dirty/got cut) at {site}
    (jumbo frames/big packets/large packets/full size packets) (vanish/get dropped/do not pass/disappear) (to/between) {site}
    small pings (ok/fine/work) big ones (die/fail/do not)
    (asymmetric routing/routing loop/black hole/blackholing/route leak/missing route/default route missing/route went missing) at {site}
    packets (go in a loop/disappear/go nowhere/go round in circles/die somewhere) (between/after/at) {site}
    traceroute (dies at/stops at/loops at/ends at) {device}
    (cpu/processor) (is pegged/is pinned/is maxed out/through the roof/at a hundred/on fire) (on/at) {device} (why/what is doing it/what process)
    {device} (rebooted by itself/crashed/keeps rebooting/went for a reboot/dumped core/ran out of memory/is in a boot loop/restarted out of the blue)
    what (took out/took down/killed/knocked over/broke/happened to/hosed/nuked/tripped/ate) {site}
    (what is up with/what is wrong with/whats eating/what ails/what gives at/what is biting) {site}
    (root cause/rca/why oh why/reason please/explain) (for/of) (the outage/the blip/the drop/the alarm) at {site}
    (users/folks/people/staff/everyone/nobody) at {site} (cannot work/cannot get in/have no network/have nothing/are offline/sit idle/twiddle thumbs)
    nobody at {site} can (reach/get into/open/log in to/get to) {app}
    {app} (is unreachable/is dead/times out/refuses connections/does not load at all/gone) (from/at) {site}
    {site} cannot (see/reach/talk to/ping/get to) (the internet/{site}/{app}/anything)
    (no internet/internet is dead/web is dead/no outside) at {site} but (mpls is ok/internal is fine/the vpn works)
    (half/some/a few) of {site} (works/is dark/has no network/cannot get out)
    only (one vlan/guests/the cameras/the phones/wired users/wireless) (is/are) (down/dead/cut off/offline) at {site}
    (wifi/wireless/wlan/ssid/the ap/access point) (is dead/is gone/is down/wont let anyone on/kicks people off) at {site}
    {host} (is dead/does not answer/is gone/is not reachable/will not print/went dark/fell off the net)
    (control connections/controller/orchestrator/manager/management plane) (down/lost/unreachable/cannot be reached) (on/at/from) {device}
    (power/ups/both feeds/psu) (gone/dead/failed/tripped) at {site}
    (pager/phone/alarm board/nagios/monitoring) (is screaming/went off/is going nuts/lit up/is red) (for/about/with) {site}
    alarm storm (from/at) {site} (where does it come from/what started it/what is the source/what is behind it)
    (last hop/first hop/the path/the drop/the choke point/the fault) where (is it/does it die/is it stuck) (to/from) {site}
    where (does it break/is it broken/is the fault/is the break/does the traffic stop/do the packets die/is the choke point/is it stuck) (at/towards/between) {site}
    (failover did not work/failover failed/backup did not kick in/standby never took over/no failover) at {site}
    both (boxes/routers/edges) (think they are master/are active/are master) at {site}
    (ike/phase one/phase two/crypto/psk/certificate) (fails/mismatch/wont negotiate/expired and the tunnel died) at {site}
    (got a ticket/ticket says/customer says/site says/user reports/word is/rumour has it) (that/) {site} (is out/is dead/is dark/is cut off/is off the air/has no service)
    need (a cause/root cause/an rca/an explanation/someone to look) for {site}
    (get me/find me/give me/dig out) (the culprit/the root cause/the smoking gun/whatever broke/what broke) (at/for) {site}
    (help/sos/mayday/emergency) {site} (is down/is dead/lost everything/is off the air)
    since the (change/upgrade/cutover/reboot/storm/maintenance) {site} (is broken/does not work/cannot reach anything/misbehaves)
    is it (our circuit/our line/our box/us/our kit/our firewall) or (comcast/verizon/telco/the carrier/isp/the provider/theirs/them/the far end) at {site}
    (neighborship/adjacency/peering/the tunnel/the session) (with/to) {site} (wont form/does not form/will not come up/keeps timing out/refuses to establish) what is the (holdup/snag/hitch/blocker)
    (kindly/please) (check and revert/do the needful/advise/look into) (why/for) {site} (link going down/going down frequently/outage/down since morning/not reachable)
    (intermittent/sporadic/random/periodic/regular) (drops/outages/disconnects/resets/blips/cuts) (at/on) {site} (carrier says no trouble found/ntf/cannot reproduce/since tuesday/)
    (customer/cust/client/the site/shop floor) (shouting/screaming/cannot rdp/has no service/cannot trade/lost the tills/lost the network) (at/from) {site}
    what (knocked/put/sent/took) {site} (sideways/offline/over/under/out/off air) (at 2am/last night/)
    (badge readers/tills/pos/card terminals/cameras/scanners/thin clients/door locks) (offline/dead/not working/down) (at/in) {site} (net or not net/is it the network/is it us/)
    (dig in/dig into it/drill down/dive in/chase it/hunt it down/get on it/investigate) (at/for/on) {site}
    {site} (went poof/went bang/vanished/imploded/keeled over/nosedived/tanked/face planted/died on us/took a nap/croaked)
    (help me/let us/i need to) (troubleshoot/debug/trace/isolate the fault in/work out/figure out/chase) (sip registration/dhcp/dns/routing/the tunnel/reachability/the drop) (failures/trouble/problems/issue) (at/in) {site}
    nat table full (at/on) {site}
    is it (our/the) (circuit/line/router/kit/cabling/config/switch) or (comcast/verizon/telco/orange/theirs/them/the carrier/the provider) (at/in/for) {site}
  `),
  repair: say(`
    (sort/patch up/unbreak/resurrect/revive/kick back into life/get back up) {site}
    (roll it back/undo that/revert it/back that out/put it back how it was)
    (please/just/go and/can you) (fix/repair/mend/heal/sort) (it/that/{site}/{link} at {site})
    make (it/the alarm/the problem) go away
    (propose/suggest/draft/prepare) (a fix/a repair/the remediation/the cure) for {site}
    bring {link} (back/back up/up again) at {site}
  `),
  change: say(`
    (bounce/flap/shut/no shut/reset/down/up) {port} (on/at) {device}
    (bump/drop/raise/lower/set) the (mtu/metric/local pref/weight/priority/hold time) (on/of) {device}
    (add/remove/drop/insert) (a route/a static/an acl line/a vlan/a neighbour) (on/at) {device}
  `),
  status: say(`
    (anything/something/whats) (on fire/red/amber/burning/broken anywhere/blinking/screaming/hurting) (right now/tonight/today/at the moment)
    (all/everything/are we/is everything/is all) (green/quiet/calm/hunky dory/peachy/tickety boo/sweet/shipshape/happy/humming/ticking over)
    (kick the tyres/kick the tires/do a preflight/do a once over/run a health check/run a sanity check) (on/of) ({device}/{site}) (/before the freeze/before the change/before the weekend/before we go live)
    (is/are) {site} (still alive/still kicking/still breathing/still with us/still there/still standing/alive/alive and kicking/among the living)
    {site} (still alive/still kicking/still breathing/still with us/still standing/alive and well/back up/back online/up yet/back yet/ok now/any better/happy/green)
    does {site} (have a pulse/still answer/still live/look ok/look healthy/feel ok)
    has {site} (recovered/come back/calmed down/settled/stabilised/come good)
    is {site} (back/back in the land of the living/out of the woods/stable/stable now/behaving/holding/good/green/any better/still up/still down)
    (still/is it still) (down/broken/dead/flapping/red/out/bad/slow)
    (better now/any better/back yet/fixed yet/is it up yet/is it back/is it back yet/did it recover/has it cleared/is it fixed/sorted yet)
    (sitrep/state/condition/shape/health/vitals/pulse/temperature) (of/for/on) {site}
    (pulse/health/sanity/quick/smoke) check (on/of/for) {site}
    how (is/are) (the night/the estate/the shop/the patch/the fleet/things/the kit/our gear/the boxes/the wan/we) (looking/doing/holding up/faring/behaving)
    how (is/does) {site} (hold up/holding up/look/looking/doing/fare/faring/behave/behaving/feel)
    (lay of the land/state of the nation/state of play/the big picture/bird's eye view/where do we stand/morning briefing/shift briefing/handover notes/quick rundown)
    (is/are) (the circuits/the tunnels/the hubs/the edges/the controllers/the links) (all up/happy/ok/good/holding/up/fine/healthy)
    (certs/certificates/licences/keys) (about to/going to/that will/due to) (expire/lapse/run out/go pop/die) (soon/this month/next week)
    (when do/when does/how long until/how long before) (the certs/the cert at {site}/the licence/the certificate) (expire/lapse/run out/last)
    any (certs/certificates) (close to expiry/near expiry/running out/past due/about to bite us)
    (when/how soon) (do we/will we/does {site}/will {link} at {site}) (run out of bandwidth/fill up/hit the ceiling/hit the roof/saturate/max out/run out of steam/need an upgrade)
    (what/which) (links/circuits/pipes/sites) (are/run/will be) (hot/near full/close to the limit/running hot/short of headroom/filling up/about to fill/maxed next month)
    (any/which/what) (box/boxes/device/devices/router/edge) (close to/near/running out of/low on/short of) (memory/disk/cpu/headroom/the limit/ram)
    (utilisation/headroom/capacity/growth/trend/forecast/load) (of/for/at/on) (the links/{site}/{link} at {site}/the hubs)
    (will we/are we going to/are we on track to/do we) (miss/bust/break/blow/breach/meet/make/keep) (the sla/our slo/the target/the availability target) (this month/this quarter)
    (sla/slo/availability/uptime) (so far/this month/per site/numbers/figures/outlook/of {site})
    (what is/anything) (brewing/coming/looming/around the corner/on the horizon/about to break/about to go wrong/due to fail)
    (anything/something) (i should/we should/to) (know about/worry about/watch/keep an eye on) (before i leave/tonight/this weekend/next shift)
    (did/has) anything (break/fall over/go down/go bang/alarm/misbehave) (overnight/while i was out/since lunch/on my break)
    (how full is/how busy is/how loaded is/how hot is) ({link} at {site}/the pipe at {site}/{device}/the backup line)
    (temps/fans/psus/power supplies/hardware/environment) (ok/fine/good/happy) (at/on) {device}
    {device} (cpu/memory/disk/temp/uptime/version) (ok/now/right now/over the last day)
    what (version/code/image/release) (is/does) {device} (on/running/run)
    (ping/poke) {device} (is it alive/is it there/anyone home)
    (nat table/session count/route count/arp table/dhcp pool) (usage/level/fill/size) (of/at/on) {device}
    (summarise/sum up/recap/brief me on/wrap up/round up) (last night/the night/the day/the shift/the weekend) (for the 8am call/for the morning call/for the boss/for the bridge/for handover/)
    did {site} (settle/settle down/calm down/stabilise/recover/come back/quieten down/hold) (after the storm/after the reboot/after the fix/after the change/since/overnight/)
    (weather/forecast/outlook/mood/climate) (on/of/for/across) (the wan/the lan/the backbone/the estate/the network/the fabric)
    (what is/how is) the (weather/mood/temperature/outlook) (like/) (on/of/across) (the wan/the network/the backbone)
    (any/is there) (degradation/degradation creeping in/slow decline/creep/early signs/warning signs/signs of trouble/rot/wear/drooping numbers) (at/on/in) {site}
    (slow burn/creeping/latent/lurking/chronic/recurring/nagging/simmering/low grade) (problems/issues/trouble/faults) (anywhere/across the estate/at {site}/)
    is (it/that/this) (sorted/sorted now/fixed/fixed now/resolved/resolved now/ok now/cleared/over/done/better/healed/stable now)
    (is/are) (it/they/we/{site}) (back to normal/stable/holding/good now/out of danger/in the clear/all right now/all clear)
    (error/err/slo) budget (left/remaining/burn/burn rate/of {site}/gone)
    (how many/how much) (nines/uptime/downtime/outages/headroom/runway) (did we do/do we have left/this month/in october/on {link}/so far)
    (which/what/show me/any) (links/circuits/devices/ports) (above/over/beyond/projected to exceed/heading for/trending to) (90 percent/80 percent/the threshold/the limit/capacity)
    is (the backup line/the standby/{link}/failover/the spare path) at {site} (ready/ready if we need it/in shape/usable/up/fit/working/tested)
    (is/are) {site} (stable enough to go home/ok to leave/fit for the night/good for the weekend/fit for month end/safe to leave alone)
    (any alarms/any warnings/any reds/any yellows/any criticals) (i should care about/worth a look/left/outstanding/that matter)
    (rag/traffic light/red amber green/scorecard/dashboard/heat map) (per site/for all sites/status/please/of the estate)
    (what/which) (will/would) (bite/hit/break/fail/run out) (us next/first/next week/soon)
    (check/check on/look at/look over/glance at/inspect/peek at/eyeball) (both/all/our/) (hubs/edges/branches/{site}/{device}/{site} and {site})
  `),
  experience: say(`
    {app} (is like watching paint dry/runs like a dog/moves at a snails pace/is a slideshow/takes for ever/hangs for seconds/is glacial/is treacle/is dog slow/is sluggish/drags) (at/in/from/for) {site}
    (users/folks/people/staff/the lot/the gang/everyone) (at/in) {site} (moan/whinge/complain/grumble/are moaning/are grumbling/gripe/bitch) (about {app}/that it is slow/about lag/about the speed/that calls break up)
    (calls/voice/phones/the phones) (at/from/in) {site} (sound like robots/sound like daleks/crackle/are choppy/cut out/break up/are garbled/sound awful/sound like underwater/are pants/are rubbish/are gash/are shite)
    (one way audio/one sided calls/no audio one way/silence on one side/they hear us but we do not hear them/can hear but not be heard) (at/from/out of/in) {site}
    (audio/sound) (is one way/only goes one way/drops in and out/has gaps/is robotic/echoes) (at/from/in) {site}
    (video/meetings/webex/zoom/teams) (freezes/stutters/pixelates/is a slideshow/keeps buffering/lags/is blocky/drops frames) (at/for/in) {site}
    (spinning wheel/hourglass/beachball/sand timer/egg timer/loading circle) (all day/for minutes/for ever) in {app} at {site}
    everything (is laggy/feels slow/crawls/is slow as hell/drags/takes ages) (at/for) {site}
    {site} (is slow/feels slow/is crawling/is laggy/is sluggish/is as slow as molasses/has bad lag/lags/is in the slow lane)
    (jitter/latency/lag/delay/loss/packet loss) (is killing/is hurting/is spoiling/is wrecking/gives grief to/ruins) ({app}/calls/the call centre/users) at {site}
    (mos/r factor/call quality/voice quality/voice score/user score/experience score/digital experience/qoe/dem score) (of/for/at/in) {site}
    (who/which site/which users/which branch) (has/have/gets/suffers) (the worst/the poorest/the crappiest/the best) (experience/voice/calls/{app}/response times)
    (steer/move/shift/shove/push/put/send/prefer/reroute) {app} (over/onto/to/off) ({link}/the other link/the better path/the other circuit/the cleaner line) (at/for) {site}
    (give/can we give) {app} (priority/more room/a better queue/a bigger slice/the fast lane) at {site}
    (is qos/are the queues/is shaping) (doing its job/dropping voice/working/right) at {site}
    (what do/how do) users (see/feel/get/experience/find it) (at/in) {site}
    (are users/are people/is anybody) (at/in) {site} (happy/unhappy/suffering/feeling it/hurting/affected)
    (page loads/page load/login to {app}/file copies/downloads/uploads/response times) (take for ever/take ages/are slow/are horrid/crawl/got worse) (at/from/in) {site}
    (rtt/ping times/round trip) (to {app}/through the roof/doubled/spiked/shot up) (from/at) {site}
    {user} (says/reports/complains/moans) (that/) {app} (is slow/lags/crawls/freezes/is rubbish/drops)
    {user} (has bad calls/cannot hear anything on calls/gets kicked out of meetings/keeps freezing in meetings)
    before and after (score/numbers/figures) for {app} at {site}
    (pkt loss/packet loss/loss) (hurts/kills/on) (voice/video/calls/{app}) (at/from) {site}
    (clicks/pops/crackles/clicks and pops/static/hiss/echo/dropouts/gaps/gurgling/warbling) (on the line/on calls/in calls/on every call/on the phones) (at/from/in) {site}
    (agents/call agents/wallboard agents/the call centre/sales/the desk/operators/reps) at {site} (keep getting/get/hear/have) (clicks/dropouts/echo/bad lines/static/choppy calls/lag/slow screens)
    (citrix/vdi/rdp/remote desktop/the terminal/the till/the wms/crm/sap) (laggy/lags/echoes late/keystrokes late/slow to type/sticky/stutters) (at/in/from) {site}
    (p95/p99/tail/median/average) (latency/delay/response/response time) (of/for/to) {app} (from/at) {site}
    (town hall/all hands/webinar/board call/exec call/conference) (from/at/in) {site} (was a disaster/was unwatchable/was blurry/kept freezing/dropped out)
    (rank/compare/score/grade/rate) (sites/branches/users/apps) by (annoyance/pain/experience/mos/how happy users are/response time)
    would {link} be better for {app} (at/in/from) {site}
    (is/would/which is) {link} or {link} (better/best/faster/nicer/cleaner) for ({site}/{app}/calls/users)
  `),
  compliance: say(`
    (who/anyone/has anyone/did anyone/someone) (fiddled with/been fiddling with/mucked with/mucked about with/tinkered with/messed with/touched/laid hands on/tampered with/had a go at/poked at/dabbled in/edited) ({device}/{site}/{device} config/the config of {site}/the acls/the route maps)
    (who/what/which user) (changed/altered/committed/pushed/rolled out/loaded/wrote/applied) (last/that/this/it last/stuff/what) (on/at) {site}
    who (touched/changed/altered/edited) it last
    (has anything/has anyone/has anybody/have any boxes/which boxes/what) (strayed/drifted/wandered/departed/deviated) from (the gold config/golden/the standard/the template/the baseline/the blueprint/the intended config)
    (any boxes/which boxes/which devices/anything) (off piste/off standard/off template/off the reservation/out of line/out of shape/non standard/snowflakes/different from the rest)
    (config/configs/running config) (vs/versus/against/compared to) (template/golden/intent/blueprint/design/the standard) (for/of/on/at) {site}
    where does {site} (differ/deviate/stray/depart) (from the template/from the standard/from golden/)
    (show/list/give me/print) the (diff/delta/deviation/drift/offending line/offending lines) (for/of/on/at) {site}
    (did/have/has) (the bots/the robots/the ai/the agents/the machine/the assistant/your lot) (do/done/change/changed/touch/touched/push) anything (without a sign off/without asking/without approval/off their own bat/unsupervised/behind our backs/on their own)
    (list/show/what/which) (the ai/the bots/the agents/requests of the bots/calls of the ai) (got refused/got denied/were denied/was refused/got knocked back on/were turned down/was turned away from/was not allowed to do)
    (what were/what was/show me what) (the ai/the bots/the agents) (refused/denied/turned down/blocked/stopped from doing)
    (denials/refusals/knock backs/rejections/turned down requests) (of the ai/by the broker/last week/this shift/per agent)
    (anyone/who/did anyone/has anyone/someone) (pulled/broke/break/smashed/used/abused/pull) (the emergency glass/the glass/the break glass/emergency access/the red button) (this week/last night/lately/this month)
    (anyone/who/did anyone/has anyone/did someone/anybody) (logged/log/logging/get/got/ssh/went/gone) (in/straight in/directly in/straight to/straight into/direct to/on by hand to) {device} (behind the broker/behind our back/past the broker/without the broker/bypassing the broker/outside the broker/round the side/by the back door)
    (logins/sessions/commits/changes/edits) (that were not ours/that bypassed the broker/not made by us/not through wayleave/outside the process/out of band/nobody signed off/without a ticket) (on/at) {site}
    (out of band/cowboy/unapproved/unsanctioned/unauthorised/rogue/sneaky/undocumented/midnight) (changes/edits/commits/config changes) (on/at/in) ({site}/the edges/the estate)
    (show me/find/spot/list/see) (rogue/unknown/unregistered/shadow/stray/undeclared) mcp (things/thingies/stuff/gear/endpoints/boxes)
    (rogue/unknown/unregistered/shadow/stray/undeclared/dodgy/unsanctioned) (mcp/mcp servers/mcp clients/ai tooling/ai tools/llm tools/copilots) (anywhere/on the net/in here/talking to our kit/around)
    (is/are/anybody running/anyone using) (cursor/claude/copilot/chatgpt/an llm/an ai tool) (pointed at/connected to/hooked up to/plugged into/let loose on) our (kit/gear/network/boxes/routers)
    (is/are) (telnet/http/ftp/snmp v2/snmpv1/ssh v1/finger/tftp/cdp) (still/) (on/enabled/lurking/alive/open/about/hanging around) (on any box/anywhere/on {device}/on the edges)
    (which/what/any) (boxes/devices/routers/edges/box/sites) (lack/miss/without/have no/missing/are missing/still have no/with no) (ntp/aaa/syslog/logging/a banner/the acl/the standard acl/snmp v3/tacacs/mfa/an ntp server/time sync)
    (ntp/syslog/aaa/logging/banner/snmp/acl) (configured/set/present/right/as per standard) (everywhere/on all boxes/on every edge/on {device})
    (snmp community/community string/default password/weak password/plain text password/vendor default) (public/anywhere/left/still there/in use/on any box)
    (auditor/auditors/audit/inspection/regulator) (is coming/are coming/tomorrow/next week/are in/is in) (give me/get me/i need/prepare) (the deviations/the evidence/the findings/the pack/a report) (for {site}/)
    (are we/do we/is {site}/does {site}) (up to scratch/in line/square/pass/meet/satisfy/ok/kosher/legit/clean) (with/on/against) (zero trust/nist 800 207/800 207/the standard/pci/policy/iso 27001/the tenets/the rules)
    is (it/{site}/everything/the config) (compliant/legit/by the book/as per standard/up to code/within policy/kosher/to spec)
    (four eyes/second pair of eyes/dual control/sign off/approval) (skipped/missing/bypassed/ignored/broken/obeyed/kept) (anywhere/on any change/last week/this month)
    (approvals/sign offs) (rubber stamped/without review/waved through/given in seconds/by the same person)
    (which/any/what) (rules/policies) (are/still) (only watching/in observe mode/not enforced/in dry run/just logging)
    (ip sla/feature/vlan/acl/firmware/software) (out of standard/not as designed/not as intended/wrong version against standard) (on/at) {device}
    (paper trail/audit trail/history of changes/change history/change log/commit history/commit log) (of/for/on) {site}
    was (the change/that/it/the push) on {site} (approved/authorised/signed off/in the window/legit/above board)
    (which/what/list/show/any) (agents/bots/agent/ai) (got denied/were denied/got refused/was denied/hit a deny/ran into a denial/got a no) (and why/today/this week/)
    (who/who has) (okayed/blessed/nodded through/greenlit/signed off/approved/waved through/authorised) (the reroute/the change/it/the push/the containment/that/the repair) (at/on/for) {site}
    (any/list/show/find) (unmanaged/unapproved/untracked/manual/hand made/cli/ad hoc/emergency/unreviewed/unexplained) (commits/changes/edits/logins/config changes/pushes/tweaks) (at {site}/last week/)
    (evidence/proof/controls/mapping/artefacts/screenshots) (for/of) (ac 3/au 12/cm 6/ac 2/ia 2/nist/soc 2/iso/the tenets/pci/nis2/dora)
    (has/does/do) {site} (got/have) the same (snmp/ntp/acl/aaa/syslog/banner/routing/mgmt) settings as {site}
    (is/are) (the mgmt acl/the standard acl/control plane policing/urpf/port security/dhcp snooping/login banner/ssh only/mfa) (applied/enforced/rolled out/present/set) (on all edges/everywhere/on every box/on {device})
    (what/which) (rules/checks/controls/tenets/policies) (does/do) {site} (break/fail/violate/miss/not meet)
    (what/who) changed (between/from) yesterday and today (on/at) {site}
    (typing/working/someone typing/somebody configuring) (on the routers/on the boxes/on {device}/straight on the cli) (by hand/bypassing wayleave/without the broker/outside the tool)
    (configs/config files/settings) of (claude desktop/cursor/copilot/an ai client/chatgpt/mcp clients) (pointing at our kit/on our pcs/around here)
    (weak/old/deprecated/legacy/insecure) (ssh ciphers/tls/ciphers/keys/protocols/crypto/hashes/snmp/algorithms) (left/around/anywhere/still in use/on {device})
    (policies/rules/guards) (still in monitor mode/in monitor only/in audit mode/in log only mode/not enforcing/switched off)
    (break glass/emergency access/red button) (uses/usage/log/reviews/entries) (in the last quarter/in q3/this year/since monday/)
    (did/has) (the copilot/the bot/an agent/the ai) (push/pushed/ship/shipped/apply/applied/write/wrote) (stuff/config/anything/changes) (without anyone looking/unattended/unreviewed/with nobody approving/by itself)
    (segregation of duties/separation of duties/self approval/same person asked and approved/four eyes) (broken/issue/violation/ok/check)
    (remediation diff/corrective config/what would make it compliant/lines to fix) (for/at) {site}
  `),
  security: say(`
    (someone/somebody/anyone/something/who) (knocking on/rattling/trying/poking/probing/sweeping/walking) (every port/all the ports/our doors/the doors/our ports/door after door) (at/on/of) {site}
    (is anyone/is anybody/is someone/anyone/somebody) (poking around/snooping about/sniffing about/nosing about/creeping around/lurking/rummaging/casing the joint) (in/at/on) {site} (who should not be/that should not be/without business there/)
    (scan/scans/scanning/recon/port sweeps/sweeps/probes/port scans) (at/on/in/from/against/around) {site}
    (check/look at/watch/search/hunt through) {site} for (scans/attacks/beacons/malware/intruders/bad guys/exfil/floods/brute force/rogue stuff/iocs/threats/suspicious stuff)
    (we/are we/is {site}/looks like we are/is someone) (being/getting/under) (ddosed/hammered from outside/flooded/syn flooded/attacked/smashed from the internet/dosed/under fire)
    (who is/what is/something is) (flooding/hammering/syn flooding/bombarding/dosing/pounding) {site} (with syns/with half open connections/with packets/from outside/)
    (half open/embryonic/syn received) (connections/sessions) (pile up/piling up/through the roof/exploding) (at/on) {site}
    {host} (is phoning home/phones home/calls out every minute/is beaconing/chats to a c2/talks to a c2/talks to a command server/keeps dialling some ip/speaks to a dodgy ip/looks owned/is owned/is pwned/is part of a botnet)
    (a box/some box/something/a camera/a printer/a pc) at {site} (is phoning home/beacons/is chatting to c2/is dialling out/checks in every minute/calls the mothership/talks to a dodgy address/looks owned/looks infected)
    (beacons/beaconing/c2/callbacks/command and control/calls to the mothership) (overnight/tonight/last night/at {site}/from {host}/anywhere)
    (someone/somebody/who) (hammered/hammers/is hammering/tried/guesses/is guessing/sprayed/brute forced/keeps trying) (the ssh login/the logins/passwords/the password/admin passwords/ssh) (on/at) {device} (all night/overnight/since midnight/)
    (dodgy/odd/weird/strange/funny/suspicious/unusual) (logins/log ins/logons/sign ins) (there/at {site}/on {device}/last night/from abroad)
    (data/files/stuff/our data/customer data/gigs) (is walking/is leaking/walks/is sneaking/is slipping/is going/is flowing/leaks) (out the door/out of the building/out of {site}/out the back door/outside/to the outside)
    (is/are) (data/someone/an insider/anything/files) (exfiltrating/leaking/smuggled/being smuggled/sneaking out/going out) (from/at/of) {site}
    {host} (hands out ip addresses/is handing out addresses/is giving out leases/is giving out dhcp leases/answers dhcp/plays dhcp server/acts as dhcp server/runs a dhcp server/offers addresses)
    (rogue/second/strange/fake/unknown/foreign/bogus) (dhcp server/dhcp box/dhcp) (at/in/on) {site}
    (someone/some box/something) at {site} (is handing out addresses/is giving out leases/answers dhcp that should not/plays dhcp server/offers leases)
    (arp/mac/gateway) (spoofing/poisoning/spoofed/poisoned/weirdness/hijack/impersonation) (at/in/on) {site}
    (spoofed/forged/fake/gratuitous) arp (replies/answers) (at/in/on) {site}
    (gateway mac/the mac of the gateway) (changed/flips/keeps changing/jumps) (at/on) {site}
    (kick/boot/chuck/throw/bar/ban/lock) {host} (off the network/off the net/out/off for an hour/off the lan)
    (wall off/fence off/cordon off/ring fence/isolate/quarantine/contain/block/cage/box in/sandbox/cut off/unplug/blackhole/shun) ({host}/{address}/the scanning laptop at {site}/the infected pc at {site}/the attacker/that box)
    (lateral movement/spreading/hopping around/worm/pivoting/moving sideways) (at/in/from) {site}
    (smells like/looks like/reeks of/feels like/could be/is that) (ransomware/malware/an attack/a hack/a scan/a ddos/a worm/a botnet/an intrusion/foul play/exfil/a c2) at {site}
    (are we/is {site}) (clean/safe/secure/compromised/breached/owned/hacked/popped) (from a security pov/security wise/tonight/)
    (anything/something) (nasty/evil/malicious/hostile/sinister/naughty/untoward) (on the wire/going on/in the network/at {site}/last night)
    (bad guys/baddies/intruders/hackers/attackers/crims) (in the net/in the house/at {site}/around/tonight)
    (security/threat/soc) (view/report/summary/roundup/sitrep/check/picture) (of/for) (tonight/the night/{site}/the estate)
    (is that/is this/is the) (scan/scanner/sweep) (ours/approved/the approved one/authorised/nessus/planned) (at/on) {site}
    (who logged in/password guessing/brute force) (and then/then) (changed/pushed) (config/something) (on/at) {device}
    (password guessing/password spraying/brute forcing/failed logins/a login storm) (on/against/at) ({device}/the routers/the edges) (then/and then/followed by/and right after) a (commit/change/config push/new account)
    (camera/cam/cctv/printer/iot thing) (at/in) {site} (talks to/connects to/speaks with/contacts) (china/russia/an unknown server/the internet/a strange ip/dodgy places)
    (any/see any/look for/is there/signs of/hunt for/evidence of) (credential stuffing/password spraying/sprayed creds/stuffing/kerberoasting/pass the hash/mimikatz/cobalt strike/emotet/wannacry/log4j/log4shell/petya/mirai/conficker/qakbot/trickbot/web shell/reverse shell/dropper/stager/loader) (at {site}/)
    (any/see any/is there) (wannacry/mirai/conficker/worm/virus/ransomware) (style/like/type) (spread/traffic/behaviour/activity) (at {site}/)
    (failed/bad/rejected/wrong/repeated/bogus) (auths/auth attempts/authentications/creds/credentials/passwords/ssh attempts/sign ins/login tries) (on/at/against) {device}
    (failed/bad/rejected/wrong) (auths/logins/passwords/authentications) (through the roof/by the hundreds/piling up/every second/spiking/keep coming/in the logs) (on/at) {device}
    (who is/somebody is/someone is/is anybody/something is) (enumerating/trying to enumerate/mapping/fingerprinting/profiling/crawling/surveying/cataloguing) our (hosts/network/subnets/services/ports/address space)
    (who is/someone is/somebody is/is somebody) (spraying/stuffing/cracking/guessing/brute forcing/trying out/reusing/stealing) (creds/credentials/passwords/accounts/keys) (at/on/against) {device}
    (check/is/was/verify/confirm) (whether that/that/the/if that/if the) (nessus/qualys/nmap/rapid7/openvas/pen test/scanner/vuln scan/sweep) (run/scan/job/traffic/probe) (at {site} was sanctioned/is allowed/was approved/is ours/was planned/is on the list/is legit/was expected)
    (syn/rst/ack/udp/icmp/dns/http/packet) (storm/flood/burst/barrage/deluge/avalanche) (at/against/on/towards) {site}
    (syn flood/rst storm/syn storm/udp flood/icmp flood) or (syn storm/busy hour/ddos/something harmless/normal) at {site}
    (two/2/several/different/multiple/competing) (gateways/macs/hosts/boxes/devices) (answer/answering/reply to/claim/claiming/respond to) (arp/the gateway address/the same ip/for the gateway) (at/in/on) {site}
    (a/some/one) (dhcp box/dhcp server/router/access point/switch/device/laptop) (nobody owns/nobody knows/we do not know/not ours/of unknown origin/nobody ordered) (popped up/showed up/appeared/turned up/came up) (in/at/on) {site}
    (dhcp/leases/offers/addresses) (from a box nobody knows/from an unknown server/from a stranger/from the wrong server/not from our server) (at/in) {site}
    (unusual/odd/weird/strange/excessive/new/unexpected) (east west/lateral/peer to peer/outbound/egress/dns/smb/rdp/tls/nightly) (chatter/traffic/flows/queries/sessions/talk/connections) (in/at/from) {site}
    (honeypot/canary/ids/ips/edr/siem/soc/falcon/suricata/snort/zeek) (hit/hits/alert/alerts/flagged/fired/tripped/event/ticket) (from/at/on/about) {site}
    (is/are/who talks to/anything talking to/do any of ours talk to) {address} (talking to any of ours/known bad/one of the bad ones/contacting us/in our flows/)
    (put/throw/stick/place) {host} in (the sin bin/quarantine/jail/the penalty box/isolation/a cage/the naughty corner)
    (unplug/pull the plug on/knock out/sever/mute/silence/banish/evict/eject/expel) {host} (now/from the lan/before it spreads/for an hour/)
    (uploads/transfers/outbound transfers/copies) (at night/overnight/after hours/to pastebin/to dropbox/to mega/to a file share/in the small hours) (from/at) {host} (look fishy/look odd/look wrong/look dodgy/)
    (stolen/hijacked/compromised/leaked/abused) (account/session/token/cert/key/box/host/camera) (at/on/in) {site}
    (trojan/implant/rat/rootkit/backdoor/skimmer/cryptominer/adware) (on/at/in) {host}
    (bot traffic/tor traffic/irc traffic/dga lookups/dns txt queries/long dns names/icmp tunnel/dns tunnel) (from/at/leaving) {site}
    (evil twin/rogue ap/rogue switch/rogue dhcp/fake gateway/impostor/imposter) (at/in/on) {site}
    (patient zero/blast radius/kill chain/ttps/iocs/threat intel/indicators) (for/at/of/of last night) {site}
    (is/was) it (an attack/malicious/hostile/an intruder/an insider/a false alarm of the scanner) (at/on) {site}
  `),
  list: say(`
    (what/which) (kit/gear/boxes/routers/devices/branches/sites/hubs/circuits/carriers) (have we got/do we have/do i have/do we run/exist/are there/do you know)
    (list/show me/name/give me) (the/all/our/) (boxes/kit/gear/branches/sites/hubs/devices/circuits/hosts)
  `),
  incidents: say(`
    (open/current/outstanding/live/unresolved) (incidents/tickets/cases/tix)
    (what is/anything) (in the queue/on the board/in the incident list/on the ticket list)
  `),
  help: say(`
    (u up/you up/you there/are you there/anyone there/anybody home/you awake/are you awake/u there/u alive bot/bot are you there/is anyone there)
    (hello/hi/hey/yo/oi/morning/evening/howdy) (mate/there/bot/you/wayleave/buddy/all)
    (what can you/what do you) (do/do for me/help with/know/do here)
    (how do i/how does one/how to) (use/drive/talk to/work) (this/you/this thing/the bot)
    (thx/thanks/cheers/ta/ok/great/nice) (that did it/that helped/sorted/all done/that was it/works now/you are a legend/problem solved/no more needed)
    (what sort of/what kind of/which) (things/questions/stuff/jobs) can i (ask/ask you/throw at you/give you)
  `),
  unclear: say(`
    (order/get/fetch/bring) (me/us/) (a pizza/a coffee/lunch/beer/a taxi)
    (sing/tell/write/play) (me/us/) (a song/a joke/a poem/a story/some music)
    (what is/what was) (the weather/the score/for dinner/on telly/the time in sydney)
    (who won/who is winning) (the match/the race/the game/the election)
    (book/can you book/file/request) (me/us) (annual leave/a day off/a meeting room/a holiday/a desk/a hotel)
    (when is/how much is/where is) (payday/my bonus/the canteen/the party/the loo/the car park)
  `),
};
