import type { components } from '../../generated/types.ts';
import type { Receipt } from './receive.ts';

export function presentReceipt({ outcome, buildRequestId: id }: Receipt): components['schemas']['PushReceipt'] {
  return { outcome, ...(id === undefined ? {} : { build_request_id: BigInt(id), build_request_id_str: id }) };
}
