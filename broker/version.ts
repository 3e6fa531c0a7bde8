// The version, as package.json has it.

// oxlint-disable-next-line eslint/no-restricted-imports -- the one place where the version stands
import packageJson from '../package.json' with { type: 'json' };

export const { version } = packageJson;
