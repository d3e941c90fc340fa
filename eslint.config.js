import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import { importX } from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

const ARROW = "[init.type='ArrowFunctionExpression']:not([id.typeAnnotation])"
const TOP_LEVEL = ['Program', 'Program > ExportNamedDeclaration']

/** Each room, and the packages above it: imports go one way, `example → sandbox → … → attestations`. */
const ABOVE = {
  example: [],
  sandbox: [],
  sip: ['civic-sip-sandbox'],
  wallet: ['civic-sip-server', 'civic-sip-sandbox'],
  ui: ['civic-js', 'civic-wallet', 'civic-sip-server', 'civic-sip-sandbox'],
  civicjs: ['civic-ui', 'civic-wallet', 'civic-sip-server', 'civic-sip-sandbox'],
  'lib/direct': ['civic-js', 'civic-ui', 'civic-wallet', 'civic-sip-server', 'civic-sip-sandbox'],
}
const ALL = ['civic-js', 'civic-ui', 'civic-wallet', 'civic-sip-server', 'civic-sip-sandbox']
const ROOMS = ['attestations', 'civicjs', 'ui', 'wallet', 'sip', 'sandbox', 'example']

/** Nothing in a room imports what is above it, by name; nor any other room by its path. */
function oneWay(room, above, alsoNot = []) {
  const names = above.flatMap((name) => [name, `${name}/*`])
  const paths = ROOMS.filter((other) => other !== room).map((other) => `**/../${other}/**`)
  return {
    files: [`${room}/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: [...names, ...paths, ...alsoNot], message: 'Imports go one way: see CONTRIBUTING.' },
          ],
        },
      ],
    },
  }
}

export default defineConfig(
  globalIgnores([
    '**/dist',
    'coverage',
    'reports',
    'docs/api',
    '.stryker-tmp',
    'test/packages/fixtures/nest',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_+$' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // One hand: types are imported on their own line, functions at top level are declarations
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      'import-x/consistent-type-specifier-style': ['error', 'prefer-top-level'],
      'no-restricted-syntax': [
        'error',
        ...TOP_LEVEL.map((place) => ({
          selector: `${place} > VariableDeclaration[kind='const'] > VariableDeclarator${ARROW}`,
          message: 'Declare a function at top level with the function keyword.',
        })),
      ],
    },
  },
  {
    rules: {
      'capitalized-comments': [
        'error',
        'always',
        { ignoreConsecutiveComments: true, ignorePattern: 'node:|https?:|eslint|c8|prettier|webpack' },
      ],
    },
  },
  oneWay('lib', [...ALL, 'civic-attestations'], ['**/direct/**']),
  ...Object.entries(ABOVE).map(([room, above]) => oneWay(room, above)),
  oneWay('attestations', [...ALL, 'passport-civic-sip']),
  {
    files: ['test/**/*.ts'],
    rules: {
      // Mocha's describe and it return nothing to await; assert.rejects is awaited by hand
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What a before hook sets is missing where it failed or was skipped
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  // What two areas of the tests need stands in test/support
  ...[
    { files: 'test/*/*.ts', regex: String.raw`^\.\./(?!support/|\.\./)` },
    { files: 'test/*/*/*.ts', regex: String.raw`^\.\./\.\./(?!support/|\.\./)` },
  ].map(({ files, regex }) => ({
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex, message: 'Move what two areas of the tests need to test/support.' }] },
      ],
    },
  })),
  {
    // Programs of users of the packages, for Node
    files: ['test/packages/fixtures/**/*.{mjs,cjs}'],
    languageOptions: { globals: { console: 'readonly', fetch: 'readonly' } },
  },
  {
    // What `civic-sip-sandbox init` writes
    files: ['sandbox/template/**/*.js'],
    languageOptions: {
      globals: { console: 'readonly', fetch: 'readonly', process: 'readonly', URLSearchParams: 'readonly' },
    },
    rules: { 'no-unused-vars': ['error', { args: 'none' }] },
  },
)
