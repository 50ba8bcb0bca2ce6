/** Fields of bodies that name what must be there; the rest of a body is made up. */
export const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  checkPacks: ['vendorId'],
  createBuildRequest: ['publish'],
  createPortalCode: ['email'],
  createPortalSession: ['requestId', 'code'],
  createPurchase: ['productId'],
  generateDownloadUrl: ['productId', 'version', 'purchaseId'],
  generatePortalDownloadUrl: ['version'],
};

/** Bodies that must agree with themselves or with a secret, so that nothing in them can be made up. */
export const WHOLE = [
  'createManifest',
  'createArtifact',
  'createAccessToken',
  'revokeAccessToken',
  'introspectAccessToken',
];

/** Operations that take bytes; of a pack the path names their SHA-256. */
export const RAW = ['appendLog', 'uploadPack', 'uploadTaskPack'];

/** Right values for texts that follow a grammar. */
export const GRAMMARS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  createApplication: { redirect_uris: ['https://client.example/callback'] },
  updateApplication: { redirect_uris: ['https://client.example/callback'] },
  createProject: { repository_url: 'git@git.example.com:team/repository.git', branches: ['main', 'release/*'] },
  updateProject: { repository_url: 'git@git.example.com:team/repository.git', branches: ['main', 'release/*'] },
  createSuite: { environment: { NODE_ENV: 'test' }, artifact_path: 'dist' },
  updateSuite: { environment: { NODE_ENV: 'test' }, artifact_path: 'dist' },
  createBuildRequest: { ref: 'main' },
};

/** Pairs of fields of which there must be exactly one. */
export const CHOICES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  finishTask: [['exit_code', 'failure']],
  resolveRef: [['commit', 'error']],
};

/** Fields that must differ from all before; along links the same scenario is played again and must go as it went. */
export const UNIQUE: Readonly<Record<string, string>> = {
  createApplication: 'name',
  createExternalMapping: 'externalId',
  createInvitation: 'email',
  createProduct: 'slug',
  createProject: 'name',
  createPurchase: 'orderId',
  createRunner: 'name',
  createSuite: 'name',
  generateDownloadUrl: 'orderId',
  inviteCollaborator: 'email',
  updateExternalMapping: 'externalId',
};
