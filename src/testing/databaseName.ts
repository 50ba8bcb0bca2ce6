export const TEMPLATE = 'template_continuity';

/** The same server and credentials, another database. */
export function onDatabase(connectionString: string, name: string): string {
  return connectionString.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}
