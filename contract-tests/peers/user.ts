import { continuity, type Environment } from '../flows/run.ts';

export interface User {
  email: string;
  password: string;
  apiKey: string;
}

/** The user of the seed, whose address gives its answers their length, as administrator of a new organisation. */
export async function createMarco(env: Environment): Promise<User> {
  const email = 'marco@continuityapp.com';
  const password = 'correct horse battery staple';
  const org = 'peers-company';
  await create(['org', 'create', '--id', org, '--name', 'Peers', '--owner-email', 'owner@peers.example'], env);
  const who = ['--email', email, '--role', 'admin', '--password', password];
  const { apiKey } = await create(['user', 'create', '--org', org, ...who], env);
  return { email, password, apiKey };
}

async function create(args: string[], env: Environment): Promise<{ apiKey: string }> {
  const { code, out, err } = await continuity([...args, '--json'], env);
  if (code !== 0) throw new Error(`continuity ${args.slice(0, 2).join(' ')}: ${err}`);
  return JSON.parse(out) as { apiKey: string };
}
