/** One way to the server: JSON in and out, the CSRF header, one kind of error, retries where they are safe. */

export interface ErrorBody {
  message: string;
  code: string;
  /** What went wrong, by a name that stays; missing where it has none. */
  reason?: string;
  where?: string;
  found?: string;
  expected?: string;
  todo?: string;
}

/** What the server (or the way to it) had to object. `status` 0: the server was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfter: number | null;

  constructor(status: number, body: ErrorBody, retryAfter: number | null = null) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later, unchanged. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Options {
  method?: Method;
  /** Sent as JSON, unless it is a Blob (a file), which is sent as it is. */
  body?: unknown;
  query?: Record<string, string | number | boolean | null | undefined>;
  signal?: AbortSignal;
  /** Give up after so many milliseconds; 0 for never (imports, exports). */
  timeout?: number;
  /** How often a GET that failed in passing is tried again. */
  retries?: number;
  /** Outlives the page (sign-out, the last renewal). */
  keepalive?: boolean;
}

let csrf = '';
let onSignedOut: () => void = () => {};

export function setCsrf(token: string): void {
  csrf = token;
}

export function csrfToken(): string {
  return csrf;
}

/** What happens when the server says that nobody is signed in any more. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

/** The address of an endpoint: `path('projects', name, 'desk', 'next')`; every part is encoded. */
export function path(...parts: (string | number)[]): string {
  return ['api', ...parts.map((part) => encodeURIComponent(String(part)))].join('/');
}

export function withQuery(address: string, query: Options['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return text ? `${address}?${text}` : address;
}

async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  try {
    const data: unknown = await response.json();
    const body = (data as { error?: ErrorBody }).error;
    if (body?.message) return new ApiError(response.status, body, retryAfter);
  } catch {
    // Not ours: a proxy's page, or nothing at all.
  }
  return new ApiError(response.status, { message: `HTTP ${response.status} ${response.statusText}`.trim(), code: 'http' });
}

function unreachable(cause: unknown): ApiError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(0, { message, code: 'unreachable' });
}

/** The raw response of a request that went well, for streamed downloads. */
export async function send(address: string, options: Options = {}): Promise<Response> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  let body: BodyInit | undefined;
  if (options.body instanceof Blob) {
    headers['Content-Type'] = 'application/octet-stream';
    body = options.body;
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  const signals = [options.signal, options.timeout === 0 ? undefined : AbortSignal.timeout(options.timeout ?? 20_000)];
  const init: RequestInit = {
    method,
    headers,
    signal: AbortSignal.any(signals.filter((signal) => signal !== undefined)),
    credentials: 'same-origin',
    cache: 'no-store',
  };
  if (body !== undefined) init.body = body;
  if (options.keepalive) init.keepalive = true;
  let response: Response;
  try {
    response = await fetch(withQuery(address, options.query), init);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw unreachable(cause);
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401) onSignedOut();
  throw error;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The JSON answer of a request. GETs that fail in passing are tried again (twice, unless told otherwise). */
export async function call<T>(address: string, options: Options = {}): Promise<T> {
  const retries = options.retries ?? ((options.method ?? 'GET') === 'GET' ? 2 : 0);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await send(address, options);
      const text = await response.text();
      return (text ? JSON.parse(text) : null) as T;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing || attempt >= retries) throw error;
      await pause(error.retryAfter ? error.retryAfter * 1000 : 300 * 2 ** attempt);
    }
  }
}
