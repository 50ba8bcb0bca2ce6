/** An e-mail address in the form that it is stored, compared and looked up in. */
export function normaliseEmail(address: string): string {
  return address.trim().toLowerCase();
}

const MAILBOX = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(${LABEL}(\\.${LABEL})+|localhost)$`);

/**
 * Whether a normalised address is one that mail can be sent to as it stands: a dot-atom of ASCII (RFC 5321 §4.1.2, without
 * quoted strings, which programs read differently), and a host with a dot in it or `localhost`.
 */
export function isEmailAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const [mailbox, host] = [address.slice(0, at), address.slice(at + 1)];
  return at > 0 && at <= 64 && address.length <= 254 && MAILBOX.test(mailbox) && HOST.test(host);
}
