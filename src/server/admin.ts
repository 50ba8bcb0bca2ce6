import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { AggregatorRegistry, type Registry } from 'prom-client';

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/** In one of several API processes: answers the first process when it gathers the metrics of all. */
export function shareMetrics(registry: Registry): void {
  new AggregatorRegistry();
  AggregatorRegistry.setRegistries(registry);
}

/** `/metrics` for Prometheus on a port of its own, on the loopback interface; of all processes of this machine together. */
export async function startAdmin(port: number, own: Registry): Promise<AdminServer> {
  const all = cluster.isPrimary ? new AggregatorRegistry() : undefined;
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const clustered = Object.keys(cluster.workers ?? {}).length > 0;
    const text = clustered && all ? all.clusterMetrics() : own.metrics();
    text.then(
      (body) => response.writeHead(200, { 'Content-Type': own.contentType }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
