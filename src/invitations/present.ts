import type { components } from '../../generated/types.ts';
import type { InvitationRow } from './queries.ts';
import { invitationStatus } from './rules.ts';

type Invitation = components['schemas']['Invitation'];

export function presentInvitation(row: InvitationRow, now: Date): Invitation {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    email: row.email,
    role: row.role as Invitation['role'],
    status: invitationStatus(row, now),
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
  };
}
