import type { Vault } from '../secrets/vault.ts';

interface Named {
  readonly id: string;
  readonly organisation_id: string;
}

const purpose = ({ organisation_id, id }: Named, name: string): string =>
  `suite secret ${organisation_id} ${id} ${name}`;

export function sealSecret(vault: Pick<Vault, 'seal'>, suite: Named, name: string, value: string): Buffer {
  return vault.seal(Buffer.from(value), purpose(suite, name));
}

export interface SealedSecret {
  readonly name: string;
  readonly sealed: Buffer;
}

/** Name → value, for the lease of a build of the suite and nothing else. */
export function openSecrets(
  vault: Pick<Vault, 'open'>,
  suite: Named & { readonly secrets: readonly SealedSecret[] },
): Record<string, string> {
  const opened = suite.secrets.map(({ name, sealed }) => [name, vault.open(sealed, purpose(suite, name)).toString()]);
  return Object.fromEntries(opened) as Record<string, string>;
}
