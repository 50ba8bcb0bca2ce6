const HOME = '/dashboard';
const OURS = /^\/(dashboard(\/.*)?|oauth2\/authorize)$/;
const DOORS = /^\/dashboard\/sign-(in|out)$/;

/**
 * Where sign-in leads: a page of ours that the visitor asked for. Everything else is the overview, so that a link to
 * our sign-in page never ends on another site. Slash or backslash twice would name a host (WHATWG URL §4.4).
 */
export function returnTo(sent: string | null): string {
  if (sent === null || !/^\/[\x21-\x7e]*$/.test(sent) || /^\/\/|\\/.test(sent)) return HOME;
  // Resolves `..`: judged is what the browser will ask for.
  const { pathname, search } = new URL(sent, 'http://ours.invalid');
  return OURS.test(pathname) && !DOORS.test(pathname) ? `${pathname}${search}` : HOME;
}
