import { resolve } from 'node:path';
import { cleanEnv, makeValidator, str, url } from 'envalid';
import { compile } from 'proxy-addr';
import type { Sender } from './mail/message.ts';
import { parseSender } from './mail/sender.ts';

const hopsOrCidrs = makeValidator<(address: string, hop: number) => boolean>((text) => {
  if (text === '') return () => false;
  const hops = Number(text);
  if (Number.isInteger(hops) && hops >= 0) return (_address, hop) => hop < hops;
  return compile(text.split(',').map((part) => part.trim()));
});

const key = makeValidator<Buffer>((text) => {
  const bytes = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
  if (bytes.length !== 32) throw new Error('must be 32 bytes in hex or base64 (openssl rand -base64 32)');
  return bytes;
});

/** 0 takes any free port. */
const port = makeValidator<number>((text) => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error('must be a port number');
  return Number(text);
});

const count = makeValidator<number>((text) => {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new Error('must be a positive whole number');
  return Number(text);
});

const smtp = makeValidator<string>((text) => {
  const { protocol, hostname } = URL.parse(text) ?? { protocol: '', hostname: '' };
  if (!/^smtps?:$/.test(protocol) || hostname === '') throw new Error('must look like smtp://user:password@host:port');
  return text;
});

const mailbox = makeValidator<Sender>((text) => {
  const sender = parseSender(text);
  if (!sender) throw new Error('must look like shop@example.com or Shop <shop@example.com>');
  return sender;
});

const SPEC = {
  NODE_ENV: str({ choices: ['development', 'production', 'test'], default: 'development' }),
  HOST: str({ default: '127.0.0.1' }),
  PORT: port({ default: 8080 }),
  ADMIN_PORT: port({ default: 9464 }),
  DATA_DIR: str({ default: 'data' }),
  DATABASE_URL: str({ default: undefined }),
  MASTER_KEY: key({ default: undefined }),
  BLOB_STORE: str({ default: undefined }),
  S3_ENDPOINT: url({ default: undefined }),
  S3_REGION: str({ default: 'us-east-1' }),
  PUBLIC_URL: url({ default: undefined }),
  SMTP_URL: smtp({ default: undefined }),
  MAIL_FROM: mailbox({ default: undefined }),
  WEB_CONCURRENCY: count({ default: 1 }),
  TRUST_PROXY: hopsOrCidrs({ default: () => false }),
  TLS_CERT_FILE: str({ default: undefined }),
  TLS_KEY_FILE: str({ default: undefined }),
  LOG_LEVEL: str({ choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], default: 'info' }),
  MAX_VERSION_SIZE: count({ default: 100 * 1024 ** 3 }),
  SHUTDOWN_TIMEOUT: count({ default: 10 }),
};

/** The program's settings, read once from the environment and frozen. Sizes in bytes, times in seconds. */
export type Config = Readonly<{
  production: boolean;
  host: string;
  port: number;
  adminPort: number;
  dataDir: string;
  databaseUrl: string | undefined;
  masterKey: Buffer | undefined;
  blobStore: string | undefined;
  s3Endpoint: string | undefined;
  s3Region: string;
  /** Without a slash at its end; every link is built from it, never from `Host`. */
  publicUrl: string;
  /** May hold a password. Mails are files where it is unset. */
  smtpUrl: string | undefined;
  mailFrom: Sender | undefined;
  webConcurrency: number;
  trustProxy: (address: string, hop: number) => boolean;
  tls: Readonly<{ certFile: string; keyFile: string }> | undefined;
  logLevel: string;
  maxVersionSize: number;
  shutdownTimeout: number;
}>;

export class ConfigError extends Error {}

/** Reads the configuration; throws one ConfigError that names every missing or wrong variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const problems: string[] = [];
  const read = cleanEnv(given, SPEC, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) problems.push(`${name}: ${error?.message ?? 'is wrong'}`);
    },
  });
  const production = given.NODE_ENV === 'production';
  if (production && !given.PUBLIC_URL) problems.push('PUBLIC_URL: is required with NODE_ENV=production');
  if (given.PUBLIC_URL && URL.canParse(given.PUBLIC_URL) && new URL(given.PUBLIC_URL).pathname !== '/')
    problems.push('PUBLIC_URL: must have no path, since pages and documents stand at the root of their host');
  if (given.DATABASE_URL && !given.MASTER_KEY) problems.push('MASTER_KEY: is required with DATABASE_URL');
  if (!given.TLS_CERT_FILE !== !given.TLS_KEY_FILE) problems.push('TLS_CERT_FILE and TLS_KEY_FILE: set both or none');
  if (given.BLOB_STORE && !/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/.*)?$/.test(given.BLOB_STORE)) {
    problems.push('BLOB_STORE: must look like s3://bucket/prefix');
  }
  if (problems.length > 0) throw new ConfigError(`The configuration is wrong:\n  ${problems.join('\n  ')}`);
  const tls =
    read.TLS_CERT_FILE && read.TLS_KEY_FILE ? { certFile: read.TLS_CERT_FILE, keyFile: read.TLS_KEY_FILE } : undefined;
  const local = `${tls ? 'https' : 'http'}://${read.HOST.includes(':') ? `[${read.HOST}]` : read.HOST}:${read.PORT}`;
  return Object.freeze({
    production,
    host: read.HOST,
    port: read.PORT,
    adminPort: read.ADMIN_PORT,
    dataDir: resolve(read.DATA_DIR),
    databaseUrl: read.DATABASE_URL,
    masterKey: read.MASTER_KEY,
    blobStore: read.BLOB_STORE,
    s3Endpoint: read.S3_ENDPOINT,
    s3Region: read.S3_REGION,
    publicUrl: (read.PUBLIC_URL ?? local).replace(/\/+$/, ''),
    smtpUrl: read.SMTP_URL,
    mailFrom: read.MAIL_FROM,
    webConcurrency: read.WEB_CONCURRENCY,
    trustProxy: read.TRUST_PROXY,
    tls,
    logLevel: read.LOG_LEVEL,
    maxVersionSize: read.MAX_VERSION_SIZE,
    shutdownTimeout: read.SHUTDOWN_TIMEOUT,
  });
}
