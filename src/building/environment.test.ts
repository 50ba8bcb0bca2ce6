import { expect, it } from 'vitest';
import { buildEnvironment } from './environment.ts';

const FACTS = { ref: 'main', commit: 'abc', projectId: '1', buildRequestId: '2', buildId: '3' };
const PLACE = { source: '/build/source', home: '/build/home', temp: '/tmp', read: [] };

it('holds what the suite says and who the build is, and nothing of the runner', () => {
  process.env['CONTINUITY_TEST_LEAK'] = 'leak';
  const environment = buildEnvironment(
    { ...FACTS, environment: { LANG: 'C', A: '1' }, secrets: { A: '2', S: 's' } },
    PLACE,
  );
  delete process.env['CONTINUITY_TEST_LEAK'];
  expect(environment).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/build/home',
    TMPDIR: '/tmp',
    LANG: 'C',
    SHELL: '/bin/sh',
    USER: 'build',
    LOGNAME: 'build',
    CI: 'true',
    A: '2',
    S: 's',
    CONTINUITY_REF: 'main',
    CONTINUITY_COMMIT: 'abc',
    CONTINUITY_PROJECT_ID: '1',
    CONTINUITY_BUILD_REQUEST_ID: '2',
    CONTINUITY_BUILD_ID: '3',
    PWD: '/build/source',
  });
});

it('lets a suite not say that it is another build', () => {
  const environment = { CONTINUITY_BUILD_ID: '9', PATH: '/own' };
  expect(buildEnvironment({ ...FACTS, environment, secrets: {} }, PLACE)).toMatchObject({
    CONTINUITY_BUILD_ID: '3',
    PATH: '/own',
  });
});

it('finds tools in the folders that were opened to it', () => {
  const { PATH } = buildEnvironment({ ...FACTS, environment: {}, secrets: {} }, { ...PLACE, read: ['/opt/node'] });
  expect(PATH).toMatch(/^\/opt\/node\/bin:\/opt\/node:\/usr/);
});
