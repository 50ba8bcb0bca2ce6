import { checkAll } from '../errors/check_all.ts';
import { Failure, fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import { checkBody } from '../http/validate.ts';
import { parseId } from '../ids/parse.ts';
import { acceptInvitation, openInvitation } from '../invitations/accept.ts';
import { invite, withdraw } from '../invitations/actions.ts';
import { findInvitation } from '../invitations/queries.ts';
import { fieldErrors } from '../pages/messages.ts';
import { checkNewName } from '../users/rules.ts';
import { Accept, AcceptElsewhere, DEAD } from './invitation_pages.tsx';
import { NEW_PASSWORD_WORDING, readNewPassword } from './new_password.tsx';
import { get, type PageAnswer, type PageRequest, type PageUser, post } from './page.ts';
import { isRole } from './roles.ts';
import { usersPage } from './users.tsx';

const PATH = '/dashboard/invitations';
const ACCEPT = `${PATH}/accept`;

type Visitor = PageRequest<PageUser | undefined>;

export const invitations = [
  post(PATH, 'owner', send),
  post(`${PATH}/{id}/resend`, 'owner', resend),
  post(`${PATH}/{id}/withdraw`, 'owner', end),
  get(ACCEPT, 'public', (req) => acceptPage(req, req.query.get('token') ?? '')),
  post(ACCEPT, 'public', accept),
];

async function send(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  requirePaid(user);
  const email = (form.get('email') ?? '').trim();
  const role = form.get('role') ?? '';
  try {
    checkBody('createInvitation', { email, role });
    if (!isRole(role)) throw fail('invalid_format', { field: 'role' });
    await invite(deps.db, deps, user, { email, role });
  } catch (error) {
    return usersPage(req, { email, role, errors: fieldErrors(error) });
  }
  return { redirect: '/dashboard/users?done=invitation_sent' };
}

/** Another link to the same address, in place of the one before; a plain way around a mail that was lost. */
async function resend({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  requirePaid(user);
  const id = parseId(params['id'] ?? '');
  const row = id && (await findInvitation(deps.db, user.organisationId, id));
  if (!row || row.role === null || !isRole(row.role)) throw fail('not_found');
  await invite(deps.db, deps, user, { email: row.email, role: row.role });
  return { redirect: '/dashboard/users?done=invitation_sent' };
}

async function end({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  await withdraw(deps.db, deps, user, params['id'] ?? '');
  return { redirect: '/dashboard/users?done=invitation_withdrawn' };
}

interface Typed {
  readonly name: string;
  readonly errors: Readonly<Record<string, string>>;
}

/** Tells what the link is for; looking uses nothing up, since mail scanners look too. */
async function acceptPage({ deps, user, csrf }: Visitor, token: string, typed?: Typed): Promise<PageAnswer> {
  try {
    const invitation = await openInvitation(deps.db, deps, token);
    const title = 'Accept the invitation';
    if (user) return { title, solo: true, content: <AcceptElsewhere {...{ invitation, csrf }} email={user.email} /> };
    const content = <Accept {...{ invitation, token, csrf, name: typed?.name, errors: typed?.errors ?? {} }} />;
    return { title, solo: true, status: typed ? 422 : 200, content };
  } catch (error) {
    if (!isDead(error)) throw error;
    return deadPage(error);
  }
}

async function accept(req: Visitor): Promise<PageAnswer> {
  const { deps, form, user } = req;
  const token = form.get('token') ?? '';
  if (user) return acceptPage(req, token);
  const name = form.get('name') ?? '';
  try {
    const { email } = await openInvitation(deps.db, deps, token);
    checkAll(
      () => checkNewName(name),
      () => readNewPassword(form, email),
    );
    await acceptInvitation(deps, token, { name, password: readNewPassword(form, email) });
  } catch (error) {
    if (isDead(error)) return deadPage(error);
    return acceptPage(req, token, { name, errors: fieldErrors(error, WORDING) });
  }
  return { redirect: '/dashboard/sign-in?done=invitation_accepted' };
}

const WORDING = { ...NEW_PASSWORD_WORDING, name: { invalid_format: 'At most 100 characters, in one line.' } } as const;

/** Whether the link itself is the reason, and not what was typed. */
function isDead(error: unknown): error is Failure & { readonly code: keyof typeof DEAD } {
  return error instanceof Failure && Object.hasOwn(DEAD, error.code);
}

function deadPage({ code }: { readonly code: keyof typeof DEAD }): PageAnswer {
  return { ...DEAD[code], solo: true };
}
