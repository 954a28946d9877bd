/** Traces by OpenTelemetry, from the question to the device: on when the standard variables say where to, else nothing is loaded. */
import { context, propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { WebApp } from '../../broker/http/server.ts';

/** What may stand in a span: words of our own tables and numbers, never what a device or a person said. */
export type SpanFacts = { readonly [name: string]: string | number | boolean };

export interface Tracing {
  /** Runs `work` as a span; what it throws marks the span with its code and goes on. */
  span<T>(name: string, facts: SpanFacts, work: (tell: (more: SpanFacts) => void) => Promise<T>): Promise<T>;
  /** The same requests, each with the `traceparent` of the span in hand (W3C Trace Context). */
  readonly fetch: typeof fetch;
  /** The same application; what it does belongs to the trace that the caller names. */
  readonly serve: (app: WebApp) => WebApp;
  /** For log lines; empty outside of a span. */
  ids(): { readonly trace_id?: string; readonly span_id?: string };
  /** Sends what is left. */
  close(): Promise<void>;
}

type Env = { readonly [name: string]: string | undefined };

/** The variables that decide about traces, for a child process. */
export const tracingEnvironment = (env: Env): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (/^OTEL_[A-Z_]+$/.test(name) && value ? [[name, value]] : [])),
  );

/** By the specification of the variables: an endpoint is named, and nothing turns it off. */
const isWanted = (env: Env): boolean =>
  (env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? '') !== '' &&
  env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' &&
  env['OTEL_TRACES_EXPORTER'] !== 'none';

const NAME = 'wayleave';

/** `process` is the last part of `service.name`. */
export async function openTracing(process: string, env: Env, reach: typeof fetch = fetch): Promise<Tracing> {
  const close = isWanted(env) ? await startSdk(process, env) : async () => undefined;
  const tracer = trace.getTracer(NAME);
  return {
    span: (name, facts, work) =>
      tracer.startActiveSpan(name, { attributes: { ...facts } }, async (span) => {
        try {
          return await work((more) => void span.setAttributes({ ...more }));
        } catch (error) {
          span.setAttribute('error.type', codeOf(error));
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      }),
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      propagation.inject(context.active(), headers, { set: (carrier, key, value) => carrier.set(key, value) });
      return reach(input, { ...init, headers });
    },
    serve: (app) => ({
      fetch: (request, bindings) => {
        const get = { get: (from: Headers, key: string) => from.get(key) ?? undefined, keys: () => ['traceparent'] };
        const called = propagation.extract(context.active(), request.headers, get);
        return context.with(called, () => app.fetch(request, bindings));
      },
    }),
    ids: () => idsOf(trace.getActiveSpan()),
    close,
  };
}

function idsOf(span: Span | undefined): ReturnType<Tracing['ids']> {
  const ids = span?.spanContext();
  return ids === undefined ? {} : { trace_id: ids.traceId, span_id: ids.spanId };
}

/** A code of our tables is told, the words of an error never are. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && /^[A-Z_]{2,40}$/.test(String(error.code)) ? String(error.code) : 'error';

/** OTLP over HTTP as JSON; endpoint, headers, sampler, limits and batches as the variables say. */
async function startSdk(process: string, env: Env): Promise<() => Promise<void>> {
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { detectResources, envDetector, resourceFromAttributes } = await import('@opentelemetry/resources');
  const { W3CTraceContextPropagator } = await import('@opentelemetry/core');
  const named = resourceFromAttributes({ 'service.name': `${env['OTEL_SERVICE_NAME'] ?? NAME}-${process}` });
  const provider = new BasicTracerProvider({
    resource: detectResources({ detectors: [envDetector] }).merge(named),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}
