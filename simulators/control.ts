/** The testers' door to a running simulation: faults, out-of-band edits and trouble, over loopback HTTP with a bearer token. */
import { timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { FaultRequest, Network } from './model/network.ts';
import { ModelError } from './model/network.ts';
import type { Hold, HoldPoint } from './protocols/netconf/holds.ts';
import type { Persona } from './protocols/netconf/personas.ts';
import { NETCONF_PERSONAS, PERSONA_NAMES, PERSONAS, SNMP_PERSONAS } from './protocols/persona.ts';
import type { SnmpAgent } from './protocols/snmp/agent.ts';
import type { Collectors } from './protocols/telemetry.ts';

/** What one device's NETCONF server lets a tester do. */
export interface TroublePort {
  hold(point: HoldPoint): Hold;
  setPersona(persona: Persona): void;
}

export interface ControlDeps {
  /** Brings the network to the present before every request. */
  readonly present: () => Network;
  readonly faultTypes: readonly {
    readonly type: string;
    readonly kinds: readonly string[];
    readonly mechanism: string;
  }[];
  readonly trouble: (tenant: string, device: string) => TroublePort | undefined;
  /** The SNMP agent of a device, which has personas of its own. */
  readonly agent: (tenant: string, device: string) => Pick<SnmpAgent, 'setPersona'> | undefined;
  /** Tells the devices where to send what they tell unasked. */
  readonly collectors: (collectors: Collectors) => void;
  readonly token: string;
}

const socketForm = z.strictObject({ host: z.ipv4(), port: z.int().min(1).max(65_535) });
const collectorsForm = z.strictObject({
  traps: socketForm.optional(),
  syslog: socketForm.optional(),
  flows: socketForm.optional(),
});

const name = z.string().min(1).max(200);
/** Times in seconds of the network's clock, from now. */
const faultForm = z.strictObject({
  tenant: name,
  type: name,
  resource: name,
  intensity: z.number().positive().max(10).optional(),
  after: z.number().min(0).max(31_536_000).optional(),
  lasts: z.number().positive().max(31_536_000).optional(),
});
const bearersForm = z.strictObject({ tenant: name, type: name });
const describeForm = z.strictObject({
  tenant: name,
  device: name,
  interface: name,
  /** Real devices stop at 255 letters or so; a broken one may not. */
  description: z.string().max(2_000_000),
  user: name,
});
const holdForm = z.strictObject({ tenant: name, device: name, operation: name, when: z.enum(['before', 'after']) });
const personaForm = z.strictObject({
  tenant: name,
  device: name,
  persona: z.enum(['none', ...PERSONA_NAMES]),
  step: z.int().min(1).max(1_000).optional(),
});

/** Of a message: the list of all personas fits. */
const MOST_TOLD = 600;

/** Place and reason, as people read them. */
function explain(error: z.ZodError | SyntaxError): string {
  if (error instanceof SyntaxError) return error.message;
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

export function createControlApp(deps: ControlDeps): Hono {
  const app = new Hono();
  const holds = new Map<string, Hold & { at: 'waiting' | 'reached' }>();
  let counter = 0;

  app.use(async (context, next) => {
    const given = Buffer.from(context.req.header('authorization') ?? '');
    const wanted = Buffer.from(`Bearer ${deps.token}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return context.json({ error: 'unauthorized' }, 401);
    return next();
  });
  app.onError((error, context) => {
    if (error instanceof ModelError) return context.json({ error: error.code, message: error.message }, 400);
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return context.json({ error: 'USAGE', message: explain(error).slice(0, MOST_TOLD) }, 400);
    return context.json({ error: 'INTERNAL', message: 'the simulation failed' }, 500);
  });

  app.post('/collectors', async (context) => {
    deps.collectors(collectorsForm.parse(await context.req.json()));
    return context.json({ set: true });
  });
  app.get('/fault-types', (context) =>
    context.json(deps.faultTypes.map(({ type, kinds, mechanism }) => ({ type, kinds, mechanism }))),
  );
  app.get('/bearers', (context) => {
    const { tenant, type } = bearersForm.parse(context.req.query());
    return context.json([...deps.present().bearers(tenant, type)]);
  });
  /** Virtual epoch milliseconds of the network, which may run ahead of ours. */
  app.get('/clock', (context) => context.json({ now: deps.present().now() }));
  app.get('/faults', (context) => context.json([...deps.present().faults()]));
  app.post('/faults', async (context) => {
    const { tenant, type, resource, intensity, after = 0, lasts } = faultForm.parse(await context.req.json());
    const network = deps.present();
    const request: FaultRequest = {
      tenant,
      type,
      resource,
      ...(after > 0 ? { startAt: network.now() + after * 1_000 } : {}),
      ...(lasts === undefined ? {} : { endAt: network.now() + (after + lasts) * 1_000 }),
      ...(intensity === undefined ? {} : { intensity }),
    };
    return context.json({ id: network.inject(request) });
  });
  app.delete('/faults/:id', (context) => {
    deps.present().clear(context.req.param('id'));
    return context.json({ cleared: context.req.param('id') });
  });

  /** Somebody edits a device past Wayleave: an interface description, committed under the given user name. */
  app.post('/describe', async (context) => {
    const { tenant, device, interface: port, description, user } = describeForm.parse(await context.req.json());
    const network = deps.present();
    const config = network.config({ tenant, device });
    const interfaces = config.interfaces.map((one) => (one.name === port ? { ...one, description } : one));
    network.commit({ tenant, device }, { ...config, interfaces }, user);
    return context.json({ device, interface: port });
  });

  app.get('/personas', (context) => context.json([...PERSONAS]));
  app.post('/persona', async (context) => {
    const { tenant, device, persona, step } = personaForm.parse(await context.req.json());
    const port = portOf(deps, tenant, device);
    const netconf = NETCONF_PERSONAS.find((one) => one === persona);
    const snmp = SNMP_PERSONAS.find((one) => one === persona);
    // One device is trouble in one way: the other protocol is well again.
    port.setPersona({ name: netconf ?? 'none', ...(step !== undefined && { step }) });
    deps.agent(tenant, device)?.setPersona(snmp);
    return context.json({ device, persona });
  });
  app.post('/holds', async (context) => {
    const { tenant, device, operation, when } = holdForm.parse(await context.req.json());
    const hold = portOf(deps, tenant, device).hold({ operation, when });
    counter += 1;
    const entry = { ...hold, at: 'waiting' as 'waiting' | 'reached' };
    void hold.reached.then(() => {
      entry.at = 'reached';
    });
    holds.set(String(counter), entry);
    return context.json({ id: String(counter) });
  });
  app.get('/holds/:id', (context) => context.json({ at: holdOf(holds, context).at }));
  app.delete('/holds/:id', (context) => {
    holdOf(holds, context).release();
    holds.delete(context.req.param('id'));
    return context.json({ released: true });
  });

  app.get('/config/:tenant/:device', (context) =>
    context.json({
      ...deps.present().config({ tenant: context.req.param('tenant'), device: context.req.param('device') }),
    }),
  );
  return app;
}

function portOf(deps: ControlDeps, tenant: string, device: string): TroublePort {
  const port = deps.trouble(tenant, device);
  if (port === undefined) throw new ModelError('RESOURCE_UNKNOWN', `there is no device ${device} in ${tenant}`);
  return port;
}

function holdOf<H>(holds: ReadonlyMap<string, H>, context: Context): H {
  const hold = holds.get(context.req.param('id') ?? '');
  if (hold === undefined) throw new ModelError('RESOURCE_UNKNOWN', 'there is no such hold');
  return hold;
}
