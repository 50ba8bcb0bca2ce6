import { fullFormats } from 'ajv-formats/dist/formats.js';
import { domainToASCII } from 'node:url';

/**
 * An e-mail address in the form that it is stored, compared and looked up in: one for each mailbox, however a keyboard
 * writes its letters, with the host as browsers send it (RFC 5891, `xn--…`).
 */
export function normaliseEmail(address: string): string {
  const lower = address.trim().toLowerCase();
  if (/^[\0-\x7f]*$/.test(lower)) return lower;
  const text = lower.normalize('NFC');
  const at = text.lastIndexOf('@');
  const host = at < 0 ? '' : domainToASCII(text.slice(at + 1));
  return host === '' ? text : `${text.slice(0, at)}@${host}`;
}

/**
 * Whether a normalised address may be somebody's. It asks less than `isEmailAddress`: shops sell to addresses with other
 * letters than ASCII's too (RFC 6531).
 */
export function mayBeEmailAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(address);
}

/** Whether our own operations would take the address of a customer, and show it: `format: email` of the document. */
export function hasEmailFormat(address: string): boolean {
  return address.length <= 254 && (fullFormats.email as RegExp).test(address);
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
