import type { Documented } from '../../src/testing/document.ts';
import type { Plan } from './plan.ts';

/** A request as it goes out. */
export interface Wire {
  /** Without the path. */
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Writes a plan out. Every parameter of the path must have been planned. */
export function write(
  { method, path, operation }: Documented,
  plan: Plan,
  url: string,
  defaultKey: string | null,
): Wire {
  const key = plan.key === undefined ? defaultKey : plan.key;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = plan.params?.[name];
    if (value === undefined) throw new Error(`no recipe says what ${name} of ${path} is`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams(plan.query).toString();
  const { content = {} } = (operation.requestBody ?? {}) as { content?: Record<string, unknown> };
  const form = plan.form && new URLSearchParams(plan.form).toString();
  const body = Buffer.from(plan.body ?? form ?? (plan.json === undefined ? '' : JSON.stringify(plan.json)));
  const [mediaType] = Object.keys(content);
  return {
    url,
    method: method.toUpperCase(),
    path: query === '' ? filled : `${filled}?${query}`,
    headers: {
      ...(mediaType === undefined ? {} : { 'Content-Type': mediaType }),
      ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
      ...plan.headers,
    },
    body,
  };
}
