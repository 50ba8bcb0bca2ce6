import type { ComponentChildren } from 'preact';
import { Failure, fail } from '../errors/fail.ts';
import { findMailedLink } from '../mailed_links/queries.ts';
import { usable } from '../mailed_links/rules.ts';
import { Card, Field, Form, Head, Radios, Submit, Time, Words } from '../pages/components.tsx';
import { fieldErrors } from '../pages/messages.ts';
import { sealDevice } from '../users/device.ts';
import { askEmailChange, confirmEmailChange, rename } from '../users/profile.ts';
import { type BuildMails, setNotifications } from '../users/notifications.ts';
import { findNotifications, findUser, type UserRow } from '../users/queries.ts';
import { deadLink } from './dead_link.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { CURRENT_PASSWORD_WORDING, CurrentPassword } from './password.tsx';
import { keepDevice } from './sign_in.tsx';

const PATH = '/dashboard/settings/profile';
/** Where the mailed link leads. */
const EMAIL = '/dashboard/settings/email';

export const profile = [
  get(PATH, 'member', (req) => show(req)),
  post(PATH, 'member', changeName),
  post(`${PATH}/email`, 'member', ask),
  post(`${PATH}/build-mails`, 'member', chooseMails),
  get(EMAIL, 'member', open),
  post(EMAIL, 'member', confirm),
];

async function changeName(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  try {
    await rename(deps, user, form.get('name') ?? '');
  } catch (error) {
    return show(req, fieldErrors(error, { name: { invalid_format: 'At most 100 characters, on one line.' } }));
  }
  return { redirect: `${PATH}?done=profile_saved` };
}

const MAILS: readonly { value: BuildMails; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'failures', label: 'When a build fails' },
  { value: 'all', label: 'When a build ends' },
];

async function chooseMails({ deps, user, form }: PageRequest): Promise<PageAnswer> {
  const chosen = MAILS.find(({ value }) => value === form.get('build_mails'));
  if (!chosen) throw fail('invalid_format', { status: 400 });
  await setNotifications(deps.db, deps, user, chosen.value);
  return { redirect: `${PATH}?done=build_mails_set` };
}

async function ask(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  try {
    await askEmailChange(deps, user, form.get('email') ?? '', form.get('current_password') ?? '');
  } catch (error) {
    const email = { already_exists: 'This is your address already.' } as const;
    return show(req, fieldErrors(error, { ...CURRENT_PASSWORD_WORDING, email }));
  }
  return { redirect: `${PATH}?done=email_asked` };
}

async function show({ deps, user, form, csrf }: PageRequest, errors: Record<string, string> = {}): Promise<PageAnswer> {
  const row = await findUser(deps.db, user.organisationId, user.userId);
  const mails = await findNotifications(deps.db, user.organisationId, user.userId);
  if (!row) throw fail('not_found');
  const typed = (name: string) => form.get(name) ?? undefined;
  return {
    title: 'Profile',
    current: PATH,
    status: Object.keys(errors).length > 0 ? 422 : 200,
    content: (
      <>
        <Head title="Profile" />
        <Card>
          <Facts {...row} />
        </Card>
        <Card title="Name">
          <Form action={PATH} csrf={csrf}>
            <Field
              name="name"
              label="What your colleagues know you by"
              value={typed('name') ?? row.name ?? ''}
              error={errors.name}
              autocomplete="name"
            />
            <Button>Save name</Button>
          </Form>
        </Card>
        <Card title="E-mail address">
          <Form action={`${PATH}/email`} csrf={csrf}>
            <Field
              name="email"
              label="New e-mail address"
              type="email"
              hint="We mail a link to it. Until you follow that, the old one stays."
              value={typed('email')}
              error={errors.email}
              autocomplete="email"
              required
            />
            <CurrentPassword error={errors.current_password} />
            <Button>Change address</Button>
          </Form>
        </Card>
        <Card title="Mails about builds">
          <Form action={`${PATH}/build-mails`} csrf={csrf}>
            <Radios
              name="build_mails"
              label="Of the projects that you can see"
              value={mails?.build_mails}
              choices={MAILS}
            />
            <Button>Save choice</Button>
          </Form>
        </Card>
      </>
    ),
  };
}

const ROLES: Readonly<Record<string, string>> = { owner: 'Owner', admin: 'Admin', member: 'Member' };

function Facts({ name, email, role, organisation_name, created_at }: UserRow) {
  return (
    <dl>
      <dt>Name</dt>
      <dd>{name === null ? 'none yet' : <Words>{name}</Words>}</dd>
      <dt>E-mail address</dt>
      <dd>
        <Words>{email}</Words>
      </dd>
      <dt>Role</dt>
      <dd>{ROLES[role] ?? role}</dd>
      <dt>Organisation</dt>
      <dd>
        <Words>{organisation_name}</Words>
      </dd>
      <dt>User since</dt>
      <dd>
        <Time at={created_at} />
      </dd>
    </dl>
  );
}

function Button({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="choices">
      <Submit>{children}</Submit>
    </div>
  );
}

/** Only looks at the link: what opens links in mail may be signed in too. */
async function open({ deps, user, query, csrf }: PageRequest): Promise<PageAnswer> {
  const token = query.get('token') ?? '';
  try {
    const link = usable(await findMailedLink(deps.db, 'email_change', token), deps.clock());
    if (link.userId !== user.userId) throw fail('not_found', { field: 'token' });
    return confirmPage({ csrf, token, old: user.email, email: link.email });
  } catch (error) {
    return linkRefused(error);
  }
}

async function confirm({ deps, koa, user, form }: PageRequest): Promise<PageAnswer> {
  try {
    const email = await confirmEmailChange(deps, user, form.get('token') ?? '');
    // The browser was known under the old address.
    keepDevice(deps, koa, sealDevice(deps, email));
  } catch (error) {
    return linkRefused(error);
  }
  return { redirect: `${PATH}?done=email_changed` };
}

function linkRefused(error: unknown): PageAnswer {
  if (!(error instanceof Failure) || !('token' in error.fields || 'email' in error.fields)) throw error;
  return deadLink(error, { href: PATH, label: 'To your profile' });
}

interface ConfirmParts {
  readonly csrf: string;
  readonly token: string;
  readonly old: string;
  readonly email: string;
}

function confirmPage({ csrf, token, old, email }: ConfirmParts): PageAnswer {
  return {
    title: 'Change your e-mail address',
    solo: true,
    content: (
      <>
        <h1>Change your e-mail address</h1>
        <p>
          From <Words>{old}</Words> to <Words>{email}</Words>. From then on you sign in with the new address.
        </p>
        <Form action={EMAIL} csrf={csrf}>
          <input type="hidden" name="token" value={token} />
          <Button>Change address</Button>
        </Form>
      </>
    ),
  };
}
