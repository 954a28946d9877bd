/** Paths about a site: translations, firewall, leases, applications. */
import { poolUsePct, sessionUsePct } from '../../device/derive.ts';
import { ofDevice } from '../endpoint.ts';
import { color, count, figure, percent, row, vpn, word } from '../rows.ts';

export const translationRow = row.extend({
  pool: word,
  'ports-used': count,
  'pool-size': count,
  'use-percent': percent,
});

export const firewallRow = row.extend({
  sessions: count,
  'max-sessions': count,
  'session-use-percent': percent,
  'half-open': count,
  'new-per-second': figure,
});

export const dhcpServerRow = row.extend({ pool: word, 'vpn-id': vpn, leases: count, discovers: count, offers: count });

export const applicationRow = row.extend({
  site: word,
  application: word,
  score: percent,
  /** Transport that its flows take; absent when they go nowhere. */
  color: color.optional(),
});

export const SITE_ENDPOINTS = [
  ofDevice('/dataservice/device/nat/translation', translationRow, 'live', ['nat'], ({ state }) =>
    state.nat.map((pool) => ({
      pool: pool.pool,
      'ports-used': pool.used,
      'pool-size': pool.size,
      'use-percent': poolUsePct(pool),
    })),
  ),
  ofDevice('/dataservice/device/zbfwdp', firewallRow, 'live', ['firewall'], ({ state: { firewall } }) =>
    firewall === undefined
      ? []
      : [
          {
            sessions: firewall.sessions,
            'max-sessions': firewall.maxSessions,
            'session-use-percent': sessionUsePct(firewall),
            'half-open': firewall.halfOpen,
            'new-per-second': firewall.newPerSecond,
          },
        ],
  ),
  ofDevice('/dataservice/device/dhcp/server', dhcpServerRow, 'live', ['dhcp'], ({ state }) =>
    state.dhcp.map((scope) => ({
      pool: scope.scope,
      'vpn-id': scope.vrf,
      leases: scope.leases,
      discovers: scope.discovers,
      offers: scope.offers,
    })),
  ),
  ofDevice('/dataservice/app/score', applicationRow, 'live', ['applications'], ({ state, config }) =>
    state.applications.map((one) => ({
      site: config.site,
      application: one.application,
      score: one.score,
      ...(one.color === undefined ? {} : { color: one.color }),
    })),
  ),
] as const;
