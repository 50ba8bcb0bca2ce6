import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const message = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return String(error);
  }
  return '';
};

test('an empty environment is a working configuration, and it is frozen', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    publicUrl: 'http://127.0.0.1:8080',
    webConcurrency: 1,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('all wrong variables are reported at once', () => {
  const text = message({
    PORT: 'x',
    MASTER_KEY: 'short',
    LOG_LEVEL: 'loud',
    TLS_KEY_FILE: 'key.pem',
    DATABASE_URL: 'postgres://x',
  });
  for (const name of ['PORT', 'MASTER_KEY', 'LOG_LEVEL', 'TLS_CERT_FILE']) expect(text).toContain(name);
});

test('production demands a public URL, an own database a master key', () => {
  expect(message({ NODE_ENV: 'production' })).toContain('PUBLIC_URL');
  expect(message({ DATABASE_URL: 'postgres://db/continuity' })).toContain('MASTER_KEY');
  expect(message({ BLOB_STORE: 'ftp://x' })).toContain('BLOB_STORE');
  expect(message({ PUBLIC_URL: 'https://example.com/shop' })).toContain('PUBLIC_URL');
});

test('an empty variable counts as unset, and links have no double slash', () => {
  expect(readConfig({ PORT: '', PUBLIC_URL: 'https://downloads.example.com/' }).publicUrl).toBe(
    'https://downloads.example.com',
  );
});

test('TRUST_PROXY is a number of hops or a list of networks', () => {
  const hops = readConfig({ TRUST_PROXY: '1' }).trustProxy;
  expect([hops('1.2.3.4', 0), hops('1.2.3.4', 1)]).toEqual([true, false]);
  const networks = readConfig({ TRUST_PROXY: '10.0.0.0/8, ::1' }).trustProxy;
  expect([networks('10.1.2.3', 0), networks('11.1.2.3', 0)]).toEqual([true, false]);
  expect(readConfig({}).trustProxy('127.0.0.1', 0)).toBe(false);
});

test('.env.example lists every variable with its default', () => {
  const lines = readFileSync('.env.example', 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const env = Object.fromEntries(lines.map((line) => line.split('=', 2)));
  const { trustProxy: _given, ...given } = readConfig(env);
  const { trustProxy: _unset, ...unset } = readConfig({});
  expect(given).toEqual(unset);
  const source = readFileSync('src/config.ts', 'utf8');
  const names = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name);
  expect(Object.keys(env).sort()).toEqual(names.sort());
});
