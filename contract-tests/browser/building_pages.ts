import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type Running, runningBuild } from './past_builds.ts';
import type { ShownPage } from './pages.ts';
import type { People } from './people.ts';

const PROJECTS = '/dashboard/projects';
const RUNNERS = '/dashboard/runners';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const fillIn = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);
const isWrong = (page: Page) => page.locator('.wrong').first().waitFor();

async function createProject(page: Page): Promise<void> {
  await fillIn(page, 'Name', 'Bass station');
  await fillIn(page, 'Repository', 'git@git.example.com:audio/bass.git');
  await press(page, 'Create project');
  await page.getByText('shown once and never again').waitFor();
}

async function createWrongly(page: Page): Promise<void> {
  await fillIn(page, 'Name', 'Bass station');
  await fillIn(page, 'Repository', 'ext::sh -c id');
  await page.getByLabel('Branches').fill('-x');
  await press(page, 'Create project');
  await isWrong(page);
}

async function buildWrongly(page: Page): Promise<void> {
  await fillIn(page, 'Ref', '--upload-pack=x');
  await press(page, 'Build');
  await isWrong(page);
}

async function inviteWrongly(page: Page): Promise<void> {
  await fillIn(page, 'E-mail address', 'waiting@mail.department.averylongdomainname.example');
  await press(page, 'Invite');
  await isWrong(page);
}

async function renewSecret(page: Page): Promise<void> {
  await press(page, 'Make a new secret');
  await page.getByText('shown now and never again').waitFor();
}

async function addWrongly(page: Page): Promise<void> {
  await fillIn(page, 'Name', 'npm test');
  await fillIn(page, 'Command', 'npm test');
  await page.getByLabel('Environment').fill('nothing');
  await press(page, 'Add suite');
  await isWrong(page);
}

async function setSecretWrongly(page: Page): Promise<void> {
  await page.getByLabel('Name of the variable').fill('1X');
  await page.getByLabel('Value').fill('x');
  await press(page, 'Set secret');
  await isWrong(page);
}

async function register(page: Page): Promise<void> {
  await fillIn(page, 'Name', 'Build machine under the desk');
  await press(page, 'Register runner');
  await page.getByText('shown once and never again').waitFor();
}

let running: Running;

async function openRunning({ scene: { server }, accounts }: People): Promise<string> {
  running = await runningBuild(server, accounts.newcomer);
  return running.path;
}

/** What a runner writes appears while somebody looks, each line once, and so does the end. */
async function followLive(page: Page): Promise<void> {
  const { runner, task } = running;
  await runner.log(task, 4, 'two \x1b[1mbold\x1b[0m <b>');
  await page.getByText('two bold <b>').waitFor();
  await runner.log(task, 24, ' three\n');
  await runner.finish(task, { exit_code: 1 });
  await page.getByText('The build has ended: Failed.').waitFor();
  assert.equal(await page.locator('#log').textContent(), 'one\ntwo bold <b> three\n');
  assert.equal(await page.locator('#state').textContent(), 'Failed');
}

const past =
  (name: keyof People['building'], more = '') =>
  ({ building }: People) =>
    building[name] + more;

/** Projects, what was built of them, and who builds. */
export const buildingPages: readonly ShownPage[] = [
  { name: 'projects', path: PROJECTS, as: 'admin' },
  { name: 'projects-none', path: PROJECTS, as: 'overdue' },
  { name: 'project-new', path: `${PROJECTS}/new`, as: 'admin' },
  { name: 'project-new-wrong', path: `${PROJECTS}/new`, as: 'admin', prepare: createWrongly },
  { name: 'project-created', path: `${PROJECTS}/new`, as: 'newcomer', prepare: createProject },
  { name: 'project', path: past('project'), as: 'admin' },
  { name: 'project-member', path: past('project'), as: 'member' },
  { name: 'project-empty', path: past('emptyProject'), as: 'admin' },
  { name: 'project-build-wrong', path: past('project'), as: 'admin', prepare: buildWrongly },
  { name: 'project-invite-wrong', path: past('project'), as: 'admin', prepare: inviteWrongly },
  { name: 'project-settings', path: past('project', '/settings'), as: 'admin' },
  { name: 'project-delete', path: past('project', '/delete'), as: 'admin' },
  { name: 'project-hook', path: past('project', '/hook-secret'), as: 'admin' },
  { name: 'project-hook-new', path: past('project', '/hook-secret'), as: 'admin', prepare: renewSecret },
  { name: 'suite-new-wrong', path: past('project', '/suites/new'), as: 'admin', prepare: addWrongly },
  { name: 'suite', path: past('suite'), as: 'admin' },
  { name: 'suite-member', path: past('suite'), as: 'member' },
  { name: 'suite-secret-wrong', path: past('suite'), as: 'admin', prepare: setSecretWrongly },
  { name: 'suite-delete', path: past('suite', '/delete'), as: 'admin' },
  { name: 'build-request-failed', path: past('failed'), as: 'admin' },
  { name: 'build-request-published', path: past('published'), as: 'member' },
  { name: 'build-request-refused', path: past('refused'), as: 'admin' },
  { name: 'build-request-cancelled', path: past('cancelled'), as: 'admin' },
  { name: 'build-request-waiting', path: past('waiting'), as: 'admin' },
  { name: 'build-failed', path: past('failedBuild'), as: 'admin' },
  { name: 'build-running', path: openRunning, as: 'newcomer' },
  { name: 'build-live', path: openRunning, as: 'newcomer', prepare: followLive },
  { name: 'runners', path: RUNNERS, as: 'admin' },
  { name: 'runners-none', path: RUNNERS, as: 'overdue' },
  { name: 'runner-registered', path: RUNNERS, as: 'newcomer', prepare: register },
  { name: 'collaborations', path: '/dashboard/collaborations', as: 'newcomer' },
  { name: 'collaborations-none', path: '/dashboard/collaborations', as: 'member' },
];
