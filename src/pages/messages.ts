import type { ErrorCode } from '../errors/catalogue.ts';
import { Failure } from '../errors/fail.ts';

/** What a field's error code is to the person who filled it in. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  is_blank: 'Please fill this in.',
  invalid_format: 'This does not have the right form.',
  unknown_field: 'This is not asked for.',
  is_reserved: 'This name is reserved.',
  already_exists: 'This exists already.',
  already_taken: 'This address belongs to another account.',
};

/** Sentences of one form, by field and code, where it can say more than the general one. */
export type Wording = Readonly<Record<string, Partial<Record<ErrorCode, string>>>>;

/** The sentence for each failing field; rethrows what blames no field: that is not for a form to show. */
export function fieldErrors(error: unknown, wording: Wording = {}): Record<string, string> {
  if (!(error instanceof Failure) || 'generic' in error.fields) throw error;
  const sentences: Record<string, string> = {};
  for (const [field, [code]] of Object.entries(error.fields)) {
    const sentence = code && (wording[field]?.[code] ?? SENTENCES[code]);
    if (!sentence) throw error;
    sentences[field] = sentence;
  }
  return sentences;
}

/** What was done, said on the page that a form leads to: `?done=<key>`. */
const DONE: Readonly<Record<string, string>> = {
  application_updated: 'The changes are saved.',
  application_deleted: 'The application is deleted.',
  application_sent_before:
    'This form was sent before. Its application is in the list; the secret was shown once. If you did not see it, make a new one.',
  secret_sent_before: 'The new secret was made and shown once. If you did not see it, make another one.',
  key_sent_before: 'The new key was made and shown once. If you did not see it, re-create it once more.',
  authorization_revoked: 'Revoked: the application can no longer act for you.',
  role_changed: 'The role is changed; it counts already.',
  user_removed: 'The user is removed and signed out everywhere.',
  removed_self: 'You are no longer a user of that organisation.',
  invitation_sent: 'The invitation is on its way.',
  invitation_withdrawn: 'The invitation is withdrawn: its link no longer works.',
  invitation_accepted: 'Your account is ready. Sign in with the password that you chose.',
  password_changed: 'Your password was changed, and every other browser was signed out.',
  password_set: 'Your new password is set. Sign in with it.',
  reset_asked: 'If there is an account with this address, a mail with a link is on its way. It works for an hour.',
  profile_saved: 'The changes are saved.',
  email_asked: 'A mail with a link is on its way to the new address. Open the link within a day.',
  email_changed: 'Your e-mail address was changed.',
  secret_set: 'The secret is set.',
  secret_removed: 'The secret is removed: nothing that is signed with it is accepted.',
  url_sent_before: 'The URL was made and shown once. If you did not copy it, make another one.',
  item_mapped: 'The item is mapped. What waited for it is recorded in a moment.',
  item_unmapped: 'The mapping is removed. What was recorded by it stays.',
  line_applied: 'Recorded: the customer gets a mail with the link.',
  line_waits: 'The line still waits: no product, or no customer, is known for it.',
  project_sent_before:
    'This form was sent before. Its project is in the list; the hook secret was shown once. If you did not see it, make a new one.',
  project_updated: 'The changes are saved.',
  project_deleted: 'The project is deleted.',
  suite_created: 'The suite is added; the next build request runs it.',
  suite_updated: 'The changes are saved.',
  suite_deleted: 'The suite is deleted.',
  suite_secret_set: 'The secret is set. Builds that begin from now on have it.',
  suite_secret_removed: 'The secret is removed.',
  collaborator_invited: 'The invitation is on its way.',
  collaborator_removed: 'Removed: access has ended.',
  collaboration_accepted: 'You can see and build this project from now on.',
  collaboration_left: 'You have no access to that project any more.',
  runner_sent_before:
    'This form was sent before. Its runner is in the list; the token was shown once. If you did not see it, revoke the runner and register another.',
  runner_revoked: 'The runner is revoked: its token no longer works, and what it built is built by another.',
  build_cancelled: 'The build request is cancelled.',
  build_retried: 'It is built once more.',
  build_mails_set: 'The changes are saved.',
  report_applied: 'The report is applied.',
  report_ignored: 'The report was read again: it changes nothing here.',
  report_unmapped: 'The report was read again, and waits: no product, or no customer, is known for it.',
  report_failed: 'The report failed again. What went wrong stands beside it.',
  report_forgotten: 'What was sent is not kept any more.',
  mail_retried: 'The mail is in the queue again.',
  mail_sent: 'The mail went out meanwhile.',
  signed_out: 'You are signed out.',
  session_ended: 'The session was ended.',
  sessions_ended: 'All other sessions were ended.',
};

export function doneMessage(key: string | null): string | undefined {
  return key !== null && Object.hasOwn(DONE, key) ? DONE[key] : undefined;
}
