import type { components } from '../../generated/types.ts';
import type { EventRow } from './queries.ts';

type Event = components['schemas']['Event'];

export function presentEvent({ id, type, user_id: userId, data, created_at }: EventRow): Event {
  return {
    id: BigInt(id),
    id_str: id,
    type,
    ...(userId === null ? {} : { user_id: BigInt(userId), user_id_str: userId }),
    data: data as Event['data'],
    created_at: created_at.toISOString(),
  };
}
