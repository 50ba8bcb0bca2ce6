import { operations } from '../../generated/operations.ts';
import type { ErrorCode, Surface } from '../errors/catalogue.ts';
import type { OperationId } from './handler.ts';

export type Role = 'member' | 'admin' | 'owner';

/** What the document says of an operation, as the mount reads it. */
export interface Operation {
  readonly id: OperationId;
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  readonly path: string;
  readonly tag: string;
  readonly surface: Surface;
  /** Whom a request acts for: a user of an organisation, a customer of any (the portal), a runner, or nobody. */
  readonly actor: 'user' | 'customer' | 'runner' | null;
  /** The least role of a user that may call it; null where it is not for users. */
  readonly role: Role | null;
  readonly security: readonly string[];
  /** What an access token must have been granted; null where no access token may act. */
  readonly scopes: readonly string[] | null;
  /** Answers JSON to a GET, so it takes `callback`. */
  readonly jsonp: boolean;
  /** Whether a script of another site may call it. */
  readonly cors: boolean;
  readonly body: 'json' | 'form' | 'raw' | 'none';
  readonly bodyRequired: boolean;
  readonly mediaType: string | null;
  /** Tolerated besides the documented media type. */
  readonly alsoAccepts: readonly string[];
  readonly maxBody: number;
  readonly idempotent: boolean;
  readonly openQuery: boolean;
  /** The handler reads the query itself, since what is wrong with it is no JSON error. */
  readonly ownQuery: boolean;
  readonly noStore: boolean;
  /** Goes on for as long as somebody listens: there is no HEAD, and the caller's credential is looked at again and again. */
  readonly streams: boolean;
  readonly statuses: readonly number[];
  readonly errorCodes: Readonly<Record<string, readonly ErrorCode[]>>;
}

export const operationTable: readonly Operation[] = Object.values(operations) as unknown as readonly Operation[];

const ROLES: readonly Role[] = ['member', 'admin', 'owner'];

/** The roles that may call an operation whose document says `x-role: least`. */
export function rolesFrom(least: Role): readonly Role[] {
  return ROLES.slice(ROLES.indexOf(least));
}
