import { fail } from '../errors/fail.ts';
import { Field } from '../pages/components.tsx';
import type { Wording } from '../pages/messages.ts';
import { checkNewPassword } from '../users/password.ts';

type Errors = Readonly<Record<string, string>>;

/** A new password, typed twice. `email`: whose it is, for the browser's password store. */
export function NewPasswordFields({ email, errors }: { readonly email: string; readonly errors: Errors }) {
  return (
    <>
      <input type="hidden" name="username" value={email} autocomplete="username" />
      <Field
        name="new_password"
        label="New password"
        type="password"
        hint="At least 12 characters. Several words do well."
        error={errors.new_password}
        autocomplete="new-password"
        required
      />
      <Field
        name="repeat_password"
        label="New password, once more"
        type="password"
        error={errors.repeat_password}
        autocomplete="new-password"
        required
      />
    </>
  );
}

export const NEW_PASSWORD_WORDING: Wording = {
  new_password: { invalid_format: 'Choose a password of 12 to 200 characters that is hard to guess.' },
  repeat_password: { invalid_format: 'This is not the same as above.' },
};

/** What was typed. Fails with `is_blank` or `invalid_format` at `new_password` or `repeat_password`. */
export function readNewPassword(form: URLSearchParams, email: string): string {
  const password = form.get('new_password') ?? '';
  checkNewPassword(password, { email, field: 'new_password' });
  if (form.get('repeat_password') !== password) throw fail('invalid_format', { field: 'repeat_password' });
  return password;
}
