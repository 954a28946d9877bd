/** A device in the panel: why it is left alone, how it is changed, and its circuits. */
import type { DeviceView, InventoryView } from '../../api/schema.ts';
import { Icon } from '../../parts/icon.tsx';
import { Ago } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.network;

interface DeviceFactsProps {
  readonly device: InventoryView['devices'][number];
  /** Undefined while it is asked for. */
  readonly view: DeviceView | undefined;
  readonly circuits: InventoryView['topology']['circuits'];
  readonly changing: boolean;
}

export function DeviceFacts({ device, view, circuits, changing }: DeviceFactsProps) {
  const { name, role, systemIp, asn, criticality, ladder } = device;
  return (
    <section className="device-facts" aria-label={name}>
      <h3>
        <span className="mono">{name}</span> · {text.roles[role]}
      </h3>
      {changing && (
        <p className="severity info">
          <Icon name="clock" /> {text.changing}
        </p>
      )}
      {view?.quarantine.map((entry) => (
        <p key={entry.reason} className="held">
          <Icon name="stop" />{' '}
          <span>
            <b>{text.quarantine}:</b> {text.quarantineReasons[entry.reason]}. {entry.detail} <Ago at={entry.since} />
          </span>
        </p>
      ))}
      <dl className="facts">
        <dt>{text.address}</dt>
        <dd className="mono">{systemIp}</dd>
        {asn !== undefined && (
          <>
            <dt>{text.asn}</dt>
            <dd>{asn}</dd>
          </>
        )}
        {criticality !== undefined && (
          <>
            <dt>{text.criticality}</dt>
            <dd>{text.criticalities[criticality]}</dd>
          </>
        )}
        {role !== 'controller' && (
          <>
            <dt>{text.ladder}</dt>
            <dd>{ladder === undefined ? text.noLadder : text.ladders[ladder]}</dd>
          </>
        )}
        {view?.certificate !== undefined && (
          <>
            <dt>{text.certified}</dt>
            <dd>
              <Ago at={view.certificate.certifiedAt} /> · {view.certificate.certifiedBy}
            </dd>
          </>
        )}
      </dl>
      {circuits.length > 0 && (
        <table>
          <caption className="unseen">{text.circuits}</caption>
          <tbody>
            {circuits.map((one) => (
              <tr key={`${one.interface} ${one.color}`}>
                <th scope="row">{one.color}</th>
                <td className="mono">{one.interface}</td>
                <td>
                  {one.provider}
                  <small className="quiet">
                    {text.capacity(one.capacityBps)} · {text.oneWay(one.onewayMs)}
                  </small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
