import { inTransaction } from '../../src/db/transaction.ts';
import { createMailedLink } from '../../src/mailed_links/actions.ts';
import { unique } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const onInvitation: Happy = async ({ deps }, { orgId, owner }) => {
  const email = `${unique('invited')}@example.com`;
  const wanted = { kind: 'invitation', organisationId: orgId, email, role: 'member', createdBy: owner.userId } as const;
  const { id } = await inTransaction(deps.db, (tx) => createMailedLink(tx, deps, wanted));
  return { params: { invitation_id: id } };
};

export const invitations: Recipes = {
  happy: {
    createInvitation: () => ({ json: { email: `${unique('new')}@example.com`, role: 'member' } }),
    getInvitation: onInvitation,
    deleteInvitation: onInvitation,
  },
  special: {
    'createInvitation 403 already_taken': ({ world }) => ({
      json: { email: world.foreign.member.email, role: 'member' },
    }),
  },
};
