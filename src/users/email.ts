/** An e-mail address in the form that it is stored, compared and looked up in. */
export function normaliseEmail(address: string): string {
  return address.trim().toLowerCase();
}

/** Whether a normalised address looks like one: a mailbox, and a host with a dot in it or `localhost`. */
export function isEmailAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s@\p{Cc}]{1,64}@([^\s@\p{Cc}]+\.[^\s@\p{Cc}]+|localhost)$/u.test(address);
}
