/** Types for the part of `oidc-provider` 9.13 that the authorization server uses; the package ships none. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface OidcClient {
    readonly clientId: string;
    readonly clientName?: string;
    readonly redirectUris?: readonly string[];
  }

  export interface OidcContext {
    readonly client?: OidcClient;
    readonly session?: { readonly accountId?: string };
    readonly params: Readonly<Record<string, unknown>>;
    readonly result?: { readonly login?: { readonly accountId: string } };
    readonly provider: Provider;
  }

  /** Koa's context, as far as it is used. */
  export interface KoaContext {
    readonly oidc: OidcContext;
    readonly method: string;
    readonly req: IncomingMessage;
    body: unknown;
    type: string;
    get(header: string): string;
    set(header: string, value: string): void;
    /** The first of these that the caller likes best; false: none. */
    accepts(...types: readonly string[]): string | false;
  }

  export interface Account {
    readonly accountId: string;
    claims(): Promise<{ readonly sub: string }>;
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export interface Interaction {
    readonly uid: string;
    readonly prompt: { readonly name: string };
    readonly params: Readonly<Record<string, unknown>>;
  }

  export interface ArtefactStore {
    upsert(id: string, payload: Readonly<Record<string, unknown>>, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Record<string, unknown> | undefined>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    findByUserCode(userCode: string): Promise<undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Client: { find(id: string): Promise<OidcClient | undefined> };
    readonly Grant: new (fields: {
      readonly accountId: string;
      readonly clientId: string;
    }) => Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    registerGrantType(
      name: string,
      handle: (context: KoaContext) => Promise<void>,
      parameters: readonly string[],
    ): void;
    /** Under which the cookie of a login comes. */
    cookieName(of: 'session'): string;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    /** Stores the result and answers the URL at which the authorization goes on. */
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<string>;
    on(event: 'server_error' | 'grant.error', listener: (context: KoaContext, error: Error) => void): this;
  }

  export namespace interactionPolicy {
    class Check {
      constructor(reason: string, description: string, check: (context: KoaContext) => boolean);
    }
    class Prompt {
      constructor(info: { readonly name: string; readonly requestable: boolean }, ...checks: readonly Check[]);
    }
  }

  export namespace errors {
    class InvalidGrant extends Error {
      constructor(detail?: string);
    }
    class UnauthorizedClient extends Error {
      constructor(description?: string);
    }
    class InvalidTarget extends Error {
      constructor(description?: string);
    }
    class InvalidRequest extends Error {
      constructor(description?: string);
    }
    class InvalidDpopProof extends Error {
      constructor(description?: string);
    }
  }
}
