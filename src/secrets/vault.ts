import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts what must be read again (signing keys, stored answers): AES-256-GCM under a key derived from MASTER_KEY. */
export interface Vault {
  /** `purpose` is bound to the ciphertext: bytes sealed for one purpose do not open for another. */
  seal(plain: Buffer, purpose: string): Buffer;
  /** Throws when the bytes were sealed under another key or purpose, or were changed. */
  open(sealed: Buffer, purpose: string): Buffer;
}

const NONCE = 12;
const TAG = 16;

/** `masterKey`: 32 bytes. */
export function createVault(masterKey: Buffer): Vault {
  if (masterKey.length !== 32) throw new Error('the master key must be 32 bytes');
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'continuity vault v1', 32));
  return {
    seal(plain, purpose) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, purpose) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE))
        .setAAD(Buffer.from(purpose))
        .setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
    },
  };
}
