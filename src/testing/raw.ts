import { connect } from 'node:net';

/**
 * Sends bytes as they are to the server at `url` and answers everything that comes back until it closes: for requests
 * that no HTTP client would make. The bytes must ask for `Connection: close`.
 */
export function exchangeRaw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks).toString()) : reject(error)));
    socket.once('end', () => {
      socket.end();
      resolve(Buffer.concat(chunks).toString());
    });
  });
}
