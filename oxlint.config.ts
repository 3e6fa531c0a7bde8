// What lint refuses: rules for all code, and the table of layers (who may import whom), which test/layers.test.ts
// proves by planting violations. Formatting is oxfmt's task, types are tsc's.
import { defineConfig, type OxlintOverride } from 'oxlint';

interface Boundary {
  readonly files: string[];
  readonly refused: { readonly group: string[]; readonly message: string }[];
}

/** Packages that belong to one part of the project, so that replacing one stays a matter of that part. */
const homes = [
  { packages: ['electron'], at: /^(main|test)\// },
  { packages: ['better-sqlite3'], at: /^(broker\/(store|ha)|test|bench)\// },
  { packages: ['rhea'], at: /^(broker\/(doctor|bridge)|test|bench|examples)\// },
  { packages: ['nodemailer'], at: /^(broker\/cloud|test)\// },
  { packages: ['mqtt-packet'], at: /^(test|bench)\// },
  { packages: ['react', 'react-dom', 'uplot', '@tanstack/*'], at: /^(renderer|test)\// },
] as const;

/** Folders inside a layer that the table reaches; a deeper file is refused by the test of the table. */
const depths = [0, 1, 2, 3] as const;

/**
 * A layer of the engine: whatever climbs out of its folder ends in `allowed`. What an import climbs to depends on how
 * deep its file lies, so that there is one entry for each depth.
 */
function layer(name: string, allowed: readonly string[], message: string): Boundary[] {
  return depths.map((depth) => {
    const out = '../'.repeat(depth + 1);
    return {
      files: [`broker/${name}/${'*/'.repeat(depth)}*.ts`],
      refused: [{ group: [`${out}**`, ...allowed.map((folder) => `!${out}${folder}/**`)], message }],
    };
  });
}

/** A dialect: core, util, and what lies directly in protocols/, but no other dialect. */
function dialect(name: string): Boundary[] {
  return depths.map((depth) => {
    const out = '../'.repeat(depth + 1);
    return {
      files: [`broker/protocols/${name}/${'*/'.repeat(depth)}*.ts`],
      refused: [
        {
          group: [`${out}**`, `!${out}*.ts`, `!${out}../core/**`, `!${out}../util/**`],
          message: `A dialect imports core, util and the files of protocols/ itself, not another dialect or layer.`,
        },
      ],
    };
  });
}

const boundaries: Boundary[] = [
  {
    files: ['broker/*.ts'],
    refused: [{ group: ['../**'], message: 'The engine does not know what runs it or shows it.' }],
  },
  ...layer('util', [], 'broker/util imports nothing of ours.'),
  ...layer('core', ['util'], 'broker/core imports only util.'),
  ...['access', 'doctor', 'store', 'protocols', 'cloud', 'bridge', 'ha', 'rehearsal', 'control'].flatMap((name) =>
    layer(
      name,
      ['core', 'util'],
      `broker/${name} imports only core and util; engine.ts connects it with other layers.`,
    ),
  ),
  ...['amqp', 'mqtt', 'stomp'].flatMap(dialect),
  {
    files: ['main/**'],
    refused: [
      {
        group: ['../**', '!../broker/control/api.ts', '!../broker/control/api-*.ts'],
        message: 'The shell knows the engine only through broker/control/api*.ts.',
      },
    ],
  },
  {
    files: ['renderer/**'],
    refused: [
      {
        group: ['**/broker/**', '!**/broker/control/api.ts', '!**/broker/control/api-*.ts'],
        message: 'The page knows the engine only through broker/control/api*.ts.',
      },
      { group: ['**/main/**', '**/test/**', '**/bench/**'], message: 'The page is a web page, whoever shows it.' },
      { group: ['node:*', 'node:*/**'], message: 'The page runs in a browser.' },
    ],
  },
  {
    files: ['examples/**'],
    refused: [
      { group: ['../**', '!../examples/**'], message: 'Examples are clients: they know only published packages.' },
    ],
  },
];

function boundaryRule({ files, refused }: Boundary): OxlintOverride {
  const [place = ''] = files;
  const foreign = homes
    .filter(({ at }) => !at.test(place))
    .map(({ packages }) => ({
      group: packages.flatMap((name) => [name, `${name}/**`]),
      message: 'This package has its home elsewhere: see `homes` in oxlint.config.ts.',
    }));
  return { files, rules: { 'no-restricted-imports': ['error', { patterns: [...refused, ...foreign] }] } };
}

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  env: { builtin: true, es2024: true, node: true },
  ignorePatterns: ['out/**', 'dist/**', 'coverage/**', 'node_modules/**'],
  rules: {
    // Promises and errors
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/return-await': 'error',
    'typescript/use-unknown-in-catch-callback-variable': 'error',
    // Types
    'typescript/no-explicit-any': 'error',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
    'typescript/no-import-type-side-effects': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/prefer-readonly': 'error',
    'typescript/prefer-optional-chain': 'error',
    'typescript/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-namespace': 'error',
    'typescript/parameter-properties': 'error',
    // Modules
    'import/no-default-export': 'error',
    'import/no-cycle': ['error', { ignoreTypes: true }],
    'import/no-duplicates': 'error',
    'unicorn/prefer-node-protocol': 'error',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    // Code
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    curly: ['error', 'multi-line'],
    'no-console': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'no-param-reassign': 'error',
    'no-useless-return': 'error',
    'object-shorthand': 'error',
    'default-case-last': 'error',
    'no-throw-literal': 'error',
    'no-new-func': 'error',
    'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
    'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    // Off, each for its reason
    'no-await-in-loop': 'off', // what must go in order does
    'no-underscore-dangle': 'off', // unused parameters are named so
    'import/no-unassigned-import': 'off', // style sheets
    'unicorn/consistent-function-scoping': 'off', // a function stands where its reader needs it
    'unicorn/require-post-message-target-origin': 'off', // mistakes a thread's port for a window
    'unicorn/no-array-sort': 'off', // sorting what one has just made copies nothing
    'unicorn/no-array-reverse': 'off',
    'unicorn/prefer-add-event-listener': 'off',
    'promise/always-return': 'off', // async functions are used instead
    'promise/no-multiple-resolved': 'off',
    'typescript/no-unsafe-type-assertion': 'off', // consistent-type-assertions refuses all of them
    'typescript/consistent-return': 'off', // tsc does it
    'oxc/no-map-spread': 'off',
  },
  overrides: [
    ...boundaries.map(boundaryRule),
    {
      files: ['broker/**'],
      rules: {
        'no-restricted-globals': [
          'error',
          { name: 'setTimeout', message: 'Timers come from broker/util/clock.ts, so that tests can turn them.' },
          { name: 'setInterval', message: 'Timers come from broker/util/clock.ts, so that tests can turn them.' },
        ],
        'no-restricted-properties': [
          'error',
          { object: 'Date', property: 'now', message: 'Time comes from broker/util/clock.ts.' },
          { object: 'performance', property: 'now', message: 'Time comes from broker/util/clock.ts.' },
        ],
      },
    },
    {
      files: ['broker/util/clock.ts'],
      rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
    },
    // Bytes and foreign values become types here, and nowhere else.
    {
      files: ['broker/**/codec.ts', 'broker/**/*-codec.ts', 'broker/**/codec/**', 'broker/cloud/wire/**'],
      rules: { 'typescript/consistent-type-assertions': 'off' },
    },
    { files: ['broker/cli.ts', 'main/start.ts', 'examples/**', 'bench/**'], rules: { 'no-console': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['renderer/**'],
      plugins: ['react', 'jsx-a11y'],
      env: { browser: true, node: false },
      rules: {
        'react/rules-of-hooks': 'error',
        'react/exhaustive-deps': 'error',
        'react/react-in-jsx-scope': 'off', // the compiler imports the runtime
        'react/button-has-type': 'error',
        'react/no-danger': 'error',
      },
    },
    {
      files: ['test/**', 'bench/**'],
      plugins: ['vitest'],
      rules: {
        'typescript/consistent-type-assertions': 'off',
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
        'typescript/unbound-method': 'off', // mistakes matchers
        'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: false }],
        'vitest/no-commented-out-tests': 'off', // mistakes prose
        'vitest/expect-expect': 'off', // what waits for an event, within a bound, expects it
        'vitest/no-conditional-expect': 'off', // tables say what each of their rows expects
        'vitest/require-mock-type-parameters': 'off', // assignments give them
        'vitest/no-standalone-expect': ['error', { additionalTestBlockFunctions: ['fuzzTest'] }],
        'vitest/no-focused-tests': 'error',
        'vitest/valid-expect': ['error', { maxArgs: 2 }], // the second says which of many it was
        'vitest/valid-title': 'error',
      },
    },
  ],
});
