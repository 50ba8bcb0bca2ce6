import type { Documented } from '../../src/testing/document.ts';
import type { Entry } from '../transactions.ts';
import type { Tenant, World } from '../world.ts';

/** A request before it is written out. */
export interface Plan {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as the operation's media type. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** API key; null sends no credentials. By default the key of the least role that may call the operation. */
  readonly key?: string | null;
  /** Which of the three applications answers: the working one, one without database and storage, one with a fault. */
  readonly app?: 'working' | 'down' | 'faulty';
  /** The exact bytes of the answer, where the recipe knows them. */
  readonly bytes?: Buffer;
  /** Runs once the answer is there. */
  readonly after?: () => Promise<void>;
}

/** A request that succeeds, on fixtures of its own in the tenant's organisation. */
export type Happy = (world: World, tenant: Tenant) => Promise<Plan> | Plan;

export interface Case {
  readonly world: World;
  readonly entry: Entry;
  readonly operation: Documented;
  /** The tenant's successful request. */
  happy(tenant: Tenant): Promise<Plan>;
}

/** Turns a successful request into one for a certain answer. */
export type Recipe = (current: Case) => Promise<Plan> | Plan;

/** What is special about a tag's operations. Keys of `special` are `operationId status code mediaType`, or the start of it. */
export interface Recipes {
  readonly happy?: Readonly<Record<string, Happy>>;
  readonly special?: Readonly<Record<string, Recipe>>;
}
