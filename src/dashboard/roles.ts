import type { Role } from '../http/operation.ts';

/** The roles in words, as forms offer them. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly hint: string }[] = [
  { value: 'member', label: 'Member', hint: 'Publishes products and versions, and sees download links.' },
  {
    value: 'admin',
    label: 'Admin',
    hint: 'Also registers applications, makes and revokes download links, and sees reports and events.',
  },
  { value: 'owner', label: 'Owner', hint: 'Also invites, changes and removes users.' },
];

export function isRole(text: string): text is Role {
  return ROLES.some(({ value }) => value === text);
}

export function roleLabel(role: string | null): string {
  return ROLES.find(({ value }) => value === role)?.label ?? '';
}
