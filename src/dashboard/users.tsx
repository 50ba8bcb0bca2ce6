import { Failure, fail } from '../errors/fail.ts';
import type { Role } from '../http/operation.ts';
import { parseId } from '../ids/parse.ts';
import { listInvitationRows } from '../invitations/queries.ts';
import { assignRole, removeUser } from '../users/actions.ts';
import { findUser, listUserRows, type UserRow } from '../users/queries.ts';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { isRole } from './roles.ts';
import { type Invited, UsersPage } from './users_page.tsx';
import { ConfirmRemoval, UserPage } from './user_page.tsx';

const PATH = '/dashboard/users';
/** Entries that a list shows at once. */
const MOST = 100;

export const users = [
  get(PATH, 'owner', (req) => usersPage(req)),
  get(`${PATH}/{id}`, 'owner', async (req) => userPage(req, await load(req))),
  post(`${PATH}/{id}`, 'owner', change),
  get(`${PATH}/{id}/remove`, 'owner', async (req) => confirmPage(req, await load(req))),
  post(`${PATH}/{id}/remove`, 'owner', remove),
];

/** The users and who is invited; `invited` is the form for another, where it was wrong. */
export async function usersPage({ deps, user, query, csrf }: PageRequest, invited?: Invited): Promise<PageAnswer> {
  const before = parseId(query.get('before') ?? '');
  const rows = await listUserRows(deps.db, user.organisationId, { limit: MOST, before });
  const invitations = await listInvitationRows(deps.db, user.organisationId, { limit: MOST, before: undefined });
  const older = rows.length > MOST ? rows[MOST - 1]?.id : undefined;
  return {
    title: 'Users',
    current: PATH,
    status: invited ? 422 : 200,
    content: (
      <UsersPage
        rows={rows.slice(0, MOST)}
        older={older}
        own={user.userId}
        invitations={invitations.slice(0, MOST)}
        invited={invited}
        now={deps.clock()}
        csrf={csrf}
      />
    ),
  };
}

function userPage({ user, csrf }: PageRequest, row: UserRow, refused?: string, status = 409): PageAnswer {
  return {
    title: row.email,
    current: PATH,
    status: refused === undefined ? 200 : status,
    content: <UserPage row={row} own={row.id === user.userId} csrf={csrf} refused={refused} />,
  };
}

function confirmPage({ user, csrf }: PageRequest, row: UserRow): PageAnswer {
  return {
    title: 'Remove a user',
    current: PATH,
    content: <ConfirmRemoval row={row} own={row.id === user.userId} csrf={csrf} />,
  };
}

async function change(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params, form } = req;
  const role = form.get('role') ?? '';
  if (!isRole(role)) return userPage(req, await load(req), 'Please choose a role.', 422);
  return orRefusal(req, async () => {
    const changed = await assignRole(deps.db, deps, user, params['id'] ?? '', role);
    const self = changed.id === user.userId && role !== 'owner';
    return { redirect: `${self ? '/dashboard' : PATH}?done=role_changed` };
  });
}

function remove(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params } = req;
  return orRefusal(req, async () => {
    const removed = await removeUser(deps.db, deps, user, params['id'] ?? '');
    if (removed.id === user.userId) return { redirect: '/dashboard/sign-in?done=removed_self' };
    return { redirect: `${PATH}?done=user_removed` };
  });
}

const LAST_OWNER = 'An organisation keeps an owner, and this is the last one. Make somebody else owner first.';

/** Shows the user again where the rule of the last owner stands in the way. */
async function orRefusal(req: PageRequest, act: () => Promise<PageAnswer>): Promise<PageAnswer> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'conflict') throw error;
    return userPage(req, await load(req), LAST_OWNER);
  }
}

async function load({ deps, user, params }: PageRequest): Promise<UserRow & { readonly role: Role }> {
  const id = parseId(params['id'] ?? '');
  const row = id && (await findUser(deps.db, user.organisationId, id));
  if (!row) throw fail('not_found');
  return { ...row, role: row.role as Role };
}
