import sshpk from 'sshpk';
import { expect, it } from 'vitest';
import { createSshKey, type KeyType } from './ssh_key.ts';

const TYPES: [KeyType, RegExp, number][] = [
  ['ed25519', /^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5[\w+/]+=* https:\/\/continuata\.io$/, 256],
  ['rsa', /^ssh-rsa AAAAB3NzaC1yc2E[\w+/]+=* https:\/\/continuata\.io$/, 3072],
];

it.each(TYPES)('makes a pair of %s in the forms of OpenSSH, with the comment', async (type, line, bits) => {
  const { privateKey, publicKey } = await createSshKey(type, 'https://continuata.io');
  expect(publicKey).toMatch(line);
  expect(privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  const parsed = sshpk.parsePrivateKey(privateKey, 'ssh-private');
  expect(parsed.size).toBe(bits);
  const signer = parsed.createSign(type === 'rsa' ? 'sha256' : 'sha512');
  const verifier = sshpk.parseKey(publicKey, 'ssh').createVerify(type === 'rsa' ? 'sha256' : 'sha512');
  signer.update('message');
  verifier.update('message');
  expect(verifier.verify(signer.sign())).toBe(true);
});

it('leaves the event loop its turns while RSA is generated', async () => {
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await createSshKey('rsa', 'x');
  done = true;
  expect(turns).toBeGreaterThan(100);
});
