import { type Failure, fail } from '../errors/fail.ts';
import type { Role } from '../http/operation.ts';

/** A user of the organisation whose owners are counted, as far as the rules look. */
export interface Colleague {
  readonly id: string;
  readonly role: Role;
}

/**
 * Why `actor` may not give `target` the role, or take them out (null); undefined when nothing stands in the way. Judged
 * on the users as they are under the lock: the actor may have been an owner only when the request came in.
 */
export function roleRefusal(
  owners: readonly string[],
  actor: string,
  target: Colleague,
  role: Role | null,
): Failure | undefined {
  if (!owners.includes(actor)) return fail('insufficient_role');
  if (target.role !== 'owner' || role === 'owner') return undefined;
  return owners.length > 1 ? undefined : fail('conflict', role === null ? {} : { field: 'role' });
}

const LONGEST_NAME = 100;

/** What people call somebody, without spaces around it; may be empty. Fails with `invalid_format` at `name`. */
export function checkName(text: string): string {
  const name = text.trim();
  if ([...name].length > LONGEST_NAME || /\p{Cc}/u.test(name)) throw fail('invalid_format', { field: 'name' });
  return name;
}

/** The same for who must have one. Fails with `is_blank`, too. */
export function checkNewName(text: string): string {
  const name = checkName(text);
  if (name === '') throw fail('is_blank', { field: 'name' });
  return name;
}
