import { Card, Field, Form, Head, Submit } from '../pages/components.tsx';
import { fieldErrors, type Wording } from '../pages/messages.ts';
import { changePassword } from '../users/change_password.ts';
import { NEW_PASSWORD_WORDING, NewPasswordFields, readNewPassword } from './new_password.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';

const PATH = '/dashboard/settings/password';

export const password = [get(PATH, 'member', (req) => show(req)), post(PATH, 'member', change)];

/** For every form that asks for it. */
export const CURRENT_PASSWORD_WORDING: Wording = {
  current_password: { invalid_format: 'This is not your password.' },
};

async function change(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  try {
    const next = readNewPassword(form, user.email);
    await changePassword(deps, user, form.get('current_password') ?? '', next);
  } catch (error) {
    return show(req, fieldErrors(error, { ...CURRENT_PASSWORD_WORDING, ...NEW_PASSWORD_WORDING }));
  }
  return { redirect: `${PATH}?done=password_changed` };
}

function show({ user, csrf }: PageRequest, errors?: Record<string, string>): PageAnswer {
  return {
    title: 'Password',
    current: PATH,
    status: errors ? 422 : 200,
    content: (
      <>
        <Head title="Password" about="A new one ends your sessions in every other browser." />
        <Card>
          <Form action={PATH} csrf={csrf}>
            <CurrentPassword error={errors?.current_password} />
            <NewPasswordFields email={user.email} errors={errors ?? {}} />
            <div class="choices">
              <Submit>Change password</Submit>
            </div>
          </Form>
        </Card>
      </>
    ),
  };
}

export function CurrentPassword({ error }: { readonly error?: string | undefined }) {
  const reset = <a href="/dashboard/password-reset">Get one by mail</a>;
  return (
    <Field
      name="current_password"
      label="Current password"
      type="password"
      hint={<>Forgotten, or never had one? {reset}.</>}
      error={error}
      autocomplete="current-password"
      required
    />
  );
}
