import S3rver from 's3rver';
import type { Environment } from './run.ts';
import type { Scene } from './scene.ts';

/** An S3 server for one check, and the settings that make the program use it. */
export async function startS3(scene: Scene): Promise<Environment> {
  const directory = await scene.folder();
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: 'packs' }],
  });
  const { port } = await server.run();
  scene.onEnd(() => server.close());
  return {
    BLOB_STORE: 's3://packs/some/prefix',
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
  };
}
