import tseslint from 'typescript-eslint';

const only = (group, message) => ['error', { patterns: [{ group, message }] }];

export default tseslint.config(
  { ignores: ['dist', 'generated', 'node_modules', 'data', 'contract-tests/reports', 'contract-tests/flows/fixtures'] },
  ...tseslint.configs.recommended,
  ...tseslint.configs.stylistic,
  {
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      eqeqeq: 'error',
      'no-restricted-imports': [
        'error',
        ...['fs', 'path', 'crypto', 'http', 'os', 'stream'].map((name) => ({ name, message: `Write node:${name}.` })),
      ],
    },
  },
  // Import direction (architecture rule 10): handlers → actions → {rules, queries}; SQL stays in queries, actions and db.
  {
    files: ['src/*/handlers.ts', 'src/*/present.ts'],
    ignores: ['src/health/handlers.ts'],
    rules: {
      'no-restricted-imports': only(
        ['kysely', 'koa'],
        'Move the query to queries.ts and the transaction to actions.ts.',
      ),
    },
  },
  {
    files: ['src/*/rules.ts'],
    rules: {
      'no-restricted-imports': only(
        ['kysely', 'koa', '**/queries.ts', '**/actions.ts', '**/deps.ts', '**/db/**'],
        'Rules are pure: hand in what they need as arguments.',
      ),
    },
  },
  {
    files: ['src/*/queries.ts'],
    rules: {
      'no-restricted-imports': only(
        ['koa', '**/actions.ts', '**/handlers.ts', '**/deps.ts'],
        'Queries know the database only.',
      ),
    },
  },
  {
    files: ['migrations/*.ts'],
    rules: { 'no-restricted-imports': only(['../*', './*'], 'A migration is frozen: it imports nothing of ours.') },
  },
  {
    files: ['src/*/handlers.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 15, skipComments: true }] },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/*.typetest.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);
