import { clientOf } from '../downloads/client.ts';
import { Failure } from '../errors/fail.ts';
import { findMailedLink } from '../mailed_links/queries.ts';
import { type MailedLink, usable } from '../mailed_links/rules.ts';
import { Field, Form, Submit } from '../pages/components.tsx';
import { fieldErrors } from '../pages/messages.ts';
import { resetPassword } from '../users/change_password.ts';
import { sealDevice } from '../users/device.ts';
import { askPasswordReset } from '../users/password_reset.ts';
import { deadLink } from './dead_link.tsx';
import { NEW_PASSWORD_WORDING, NewPasswordFields, readNewPassword } from './new_password.tsx';
import { get, type PageAnswer, type PageRequest, type PageUser, post } from './page.ts';
import { keepDevice } from './sign_in.tsx';

const PATH = '/dashboard/password-reset';
const NEW = `${PATH}/new`;

type Visitor = PageRequest<PageUser | undefined>;

export const passwordReset = [
  get(PATH, 'public', (req) => askPage(req)),
  post(PATH, 'public', ask),
  get(NEW, 'public', open),
  post(NEW, 'public', choose),
];

async function ask(req: Visitor): Promise<PageAnswer> {
  const { deps, koa, form } = req;
  try {
    await askPasswordReset(deps, clientOf(deps, koa).address, form.get('email') ?? '');
  } catch (error) {
    return askPage(req, fieldErrors(error));
  }
  return { redirect: `${PATH}?done=reset_asked` };
}

function askPage({ csrf, form, user }: Visitor, errors?: Record<string, string>): PageAnswer {
  return {
    title: 'Forgotten password',
    status: errors ? 422 : 200,
    solo: true,
    content: (
      <>
        <h1>Forgotten password</h1>
        <p class="soft">We mail you a link with which you choose a new one.</p>
        <Form action={PATH} csrf={csrf}>
          <Field
            name="email"
            label="E-mail address"
            type="email"
            value={form.get('email') ?? user?.email ?? ''}
            error={errors?.email}
            autocomplete="username"
            required
          />
          <div class="choices">
            <Submit>Mail me a link</Submit>
          </div>
        </Form>
        <p class="note">
          <a href="/dashboard/sign-in">Back to sign-in</a>
        </p>
      </>
    ),
  };
}

/** Only looks at the link: mail scanners open it before the reader does. */
async function open(req: Visitor): Promise<PageAnswer> {
  const token = req.query.get('token') ?? '';
  return withLink(req, token, (link) => choosePage(req, token, link));
}

async function choose(req: Visitor): Promise<PageAnswer> {
  const { deps, koa, form } = req;
  const token = form.get('token') ?? '';
  return withLink(req, token, async (link) => {
    try {
      const { email } = await resetPassword(deps, token, readNewPassword(form, link.email));
      // They read the account's mail: others who guess shall not keep them from signing in.
      keepDevice(deps, koa, sealDevice(deps, email));
    } catch (error) {
      return choosePage(req, token, link, fieldErrors(error, NEW_PASSWORD_WORDING));
    }
    return { redirect: '/dashboard/sign-in?done=password_set' };
  });
}

async function withLink(
  { deps }: Visitor,
  token: string,
  run: (link: MailedLink) => PageAnswer | Promise<PageAnswer>,
): Promise<PageAnswer> {
  try {
    return await run(usable(await findMailedLink(deps.db, 'password_reset', token), deps.clock()));
  } catch (error) {
    if (!(error instanceof Failure) || !('token' in error.fields)) throw error;
    return deadLink(error, { href: PATH, label: 'Ask for another link' });
  }
}

function choosePage(
  { csrf }: Visitor,
  token: string,
  { email }: MailedLink,
  errors?: Record<string, string>,
): PageAnswer {
  return {
    title: 'Choose a new password',
    status: errors ? 422 : 200,
    solo: true,
    content: (
      <>
        <h1>Choose a new password</h1>
        <p class="soft">
          For <bdi>{email}</bdi>. Every browser is signed out; sign in again with the new one.
        </p>
        <Form action={NEW} csrf={csrf}>
          <input type="hidden" name="token" value={token} />
          <NewPasswordFields email={email} errors={errors ?? {}} />
          <div class="choices">
            <Submit>Set password</Submit>
          </div>
        </Form>
      </>
    ),
  };
}
