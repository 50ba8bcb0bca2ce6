/** An e-mail address in the form that it is stored, compared and looked up in. */
export function normaliseEmail(address: string): string {
  return address.trim().toLowerCase();
}
