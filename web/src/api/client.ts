// The engine's API, typed by its own OpenAPI document (npm run api writes schema.d.ts).
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

// What the engine says went wrong: RFC 9457, with a stable code.
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly requestId: string = '',
  ) {
    super(detail);
    this.name = 'ApiProblem';
  }
}

type TokenSource = () => Promise<string | null>;
let tokenSource: TokenSource | null = null;

// With Clerk each request carries a fresh session token; the local issuer's cookie goes by itself.
export function takeTokensFrom(source: TokenSource | null) {
  tokenSource = source;
}

const listeners = new Set<() => void>();
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const sign: Middleware = {
  async onRequest({ request }) {
    const token = await tokenSource?.();
    if (token) request.headers.set('Authorization', `Bearer ${token}`);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    let problem: Partial<Schemas['Problem']> = {};
    try {
      problem = await response.clone().json();
    } catch {
      // Something between us and the engine answered: its status is all there is.
    }
    if (response.status === 401) listeners.forEach((listener) => listener());
    throw new ApiProblem(
      response.status,
      problem.code ?? `http_${response.status}`,
      problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
      problem.requestId,
    );
  },
};

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
api.use(sign);

// The body of an answer. Failures were thrown by the middleware above.
export async function body<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await call;
  if (data === undefined) throw new ApiProblem(response.status, 'empty_answer', 'The server sent no data.');
  return data;
}
