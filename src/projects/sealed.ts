import type { Vault } from '../secrets/vault.ts';

interface Named {
  readonly id: string;
  readonly organisation_id: string;
}

type Sealer = Pick<Vault, 'seal'>;
type Opener = Pick<Vault, 'open'>;

const keyPurpose = ({ organisation_id, id }: Named): string => `project key ${organisation_id} ${id}`;
const hookPurpose = ({ organisation_id, id }: Named): string => `hook secret ${organisation_id} ${id}`;

/** @param privateKey in OpenSSH's format */
export function sealPrivateKey(vault: Sealer, project: Named, privateKey: string): Buffer {
  return vault.seal(Buffer.from(privateKey), keyPurpose(project));
}

/** In OpenSSH's format, as `ssh-add -` takes it. */
export function openPrivateKey(vault: Opener, project: Named & { readonly sealed_private_key: Buffer }): string {
  return vault.open(project.sealed_private_key, keyPurpose(project)).toString();
}

export function sealHookSecret(vault: Sealer, project: Named, secret: string): Buffer {
  return vault.seal(Buffer.from(secret), hookPurpose(project));
}

/** What signs the push hooks of the project. */
export function openHookSecret(vault: Opener, project: Named & { readonly sealed_hook_secret: Buffer }): string {
  return vault.open(project.sealed_hook_secret, hookPurpose(project)).toString();
}
