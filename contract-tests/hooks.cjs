// Dredd loads this file by itself and goes on without it where it fails, so the run counts that it was called.
const hooks = require('hooks');

const run = globalThis.contractRun;
for (const name of ['beforeAll', 'beforeEach', 'beforeEachValidation', 'afterEach', 'afterAll']) {
  hooks[name]((subject, done) => run[name](subject).then(done, (error) => done(run.broke(subject, error))));
}
