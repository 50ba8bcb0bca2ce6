/** Stands for the server's address in what is made before there is a server. */
export const SERVER_URL = 'https://server.invalid';

/** @param text JSON or double-quoted YAML with `SERVER_URL` in strings */
export function nameServer(text: string, publicUrl: string): string {
  return text.replaceAll(SERVER_URL, () => JSON.stringify(publicUrl).slice(1, -1));
}
