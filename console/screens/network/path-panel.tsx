/** The way between two hosts: which device sends on by which route and tunnel, read hop by hop through the broker. */
import { useEffect, useState } from 'react';
import { callTool } from '../../api/call-tool.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { InventoryView } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { TEXT } from '../../text.ts';
import { type Courses, stateAt } from './courses.ts';
import { StateMark } from './lines.tsx';
import { readRoute, type Traced, tracePath } from './trace-path.ts';

const text = TEXT.network;

interface PathPanelProps {
  readonly inventory: InventoryView;
  /** Names of hosts, as in the address. */
  readonly from: string;
  readonly to: string;
  readonly courses: Courses;
  readonly at: number;
  readonly choose: (from: string, to: string) => void;
  /** What was found, for the map. */
  readonly show: (traced: Traced | undefined) => void;
}

export function PathPanel({ inventory, from, to, courses, at, choose, show }: PathPanelProps) {
  const { hosts } = inventory.topology;
  const session = useSession();
  const [found, setFound] = useState<{ readonly traced?: Traced; readonly problem?: Problem }>();
  const [begin, end] = [hosts.find(({ name }) => name === from), hosts.find(({ name }) => name === to)];
  const first = inventory.devices.find(({ site, role }) => site === begin?.site && role !== 'controller')?.name;
  const [vrf, address] = [begin?.vrf, end?.address];
  // biome-ignore lint/correctness/useExhaustiveDependencies: an inventory that was loaded again is no other way
  useEffect(() => {
    if (first === undefined || vrf === undefined || address === undefined) return;
    const stop = new AbortController();
    setFound({});
    const tableOf = async (device: string, table: number) => {
      const evidence = await callTool(session, {
        ...{ tool: 'routes.read', devices: [device], input: { vrf: table }, signal: stop.signal },
      });
      return evidence.flatMap(({ value }) => readRoute(String(value)) ?? []);
    };
    tracePath(inventory, { device: first, vrf }, address, tableOf)
      .then((traced) => {
        setFound({ traced });
        show(traced);
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setFound({ problem: toProblem(error) });
      });
    return () => {
      stop.abort();
      show(undefined);
    };
  }, [session, first, vrf, address, show]);
  return (
    <section className="path" aria-label={text.path}>
      <h2>{text.path}</h2>
      <p className="quiet">{text.pathHint}</p>
      <HostField label={text.pathFrom} value={from} hosts={hosts} choose={(name) => choose(name, to)} />
      <HostField label={text.pathTo} value={to} hosts={hosts} choose={(name) => choose(from, name)} />
      {begin !== undefined && end !== undefined && first === undefined && <p>{text.noGateway(begin.site)}</p>}
      {found !== undefined && found.traced === undefined && found.problem === undefined && <Loading />}
      {found?.problem !== undefined && <Failure problem={found.problem} />}
      {found?.traced !== undefined && <Hops traced={found.traced} courses={courses} at={at} from={from} to={to} />}
    </section>
  );
}

function HostField({
  label,
  value,
  hosts,
  choose,
}: {
  readonly label: string;
  readonly value: string;
  readonly hosts: InventoryView['topology']['hosts'];
  readonly choose: (name: string) => void;
}) {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={({ target }) => choose(target.value)}>
        <option value="">{text.pathChoose}</option>
        {hosts.map(({ name, site, address }) => (
          <option key={name} value={name}>
            {name} · {site} · {address}
          </option>
        ))}
      </select>
    </label>
  );
}

interface HopsProps extends Pick<PathPanelProps, 'courses' | 'at' | 'from' | 'to'> {
  readonly traced: Traced;
}

function Hops({ traced: { hops, end }, courses, at, from, to }: HopsProps) {
  const arrived = end === 'arrived';
  return (
    <>
      <ol className="hops">
        <li className="mono">{from}</li>
        {hops.map(({ device, route, tunnel, others }) => (
          <li key={device}>
            <b className="mono">{device}</b>
            {route !== undefined && (
              <small className="quiet">
                {text.routeBy(route.protocol)} <span className="mono">{route.prefix}</span> →{' '}
                <span className="mono">{route.port}</span>
                {others > 0 && ` · ${text.otherRoutes(others)}`}
              </small>
            )}
            {tunnel !== undefined && (
              <small>
                <StateMark state={stateAt(courses, tunnel, at).state} /> <span className="mono quiet">{tunnel}</span>
              </small>
            )}
          </li>
        ))}
        {arrived && <li className="mono">{to}</li>}
      </ol>
      <p className={`line-state ${arrived ? 'cleared' : end === 'left' ? 'quiet' : 'critical'}`} role="status">
        <Icon name={arrived ? 'check' : end === 'left' ? 'external' : 'cross'} size={13} /> {text.ends[end]}
      </p>
    </>
  );
}
