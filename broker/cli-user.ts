// causeway user: changes the file of users. Passwords come from standard input or are asked for, never from the command line,
// where every user of the machine could read them.

import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { hashPassword } from './access/password-hash.ts';
import { makeScramRecord } from './access/scram-record.ts';
import { groupName, parseUsers, userName, withoutUser, withUser } from './access/user-records.ts';
import type { UserChange } from './access/user-records.ts';
import { BrokerError } from './core/errors.ts';

export const userActions = ['add', 'passwd', 'remove', 'list'] as const;
export type UserAction = (typeof userActions)[number];

export interface UserCommand {
  readonly file: string;
  readonly action: UserAction;
  /** Not for `list`. */
  readonly name: string;
  readonly groups: readonly string[] | undefined;
  readonly certificate: string | undefined;
  /** False: lets in by certificate alone. */
  readonly withPassword: boolean;
  /** Keeps keys for SCRAM beside the password's hash. */
  readonly withScram: boolean;
}

const longestPassword = 1024;
/** Hashes are not for other users of the machine. */
const newFileMode = 0o600;
const newFile =
  '# Users of Causeway; `causeway user` changes it. README.md and docs/security.md say what may stand here.\n';

/** @returns what to print. @throws BrokerError in words for a person. */
export async function runUserCommand(command: UserCommand): Promise<string> {
  const { file, action, name } = command;
  const text = await readUsers(file, action === 'add');
  const users = parseUsers(text);
  if (action === 'list') return list(text);
  checkName(name);
  const isThere = users.has(name);
  if (action === 'add' && isThere) throw new BrokerError('exists', `user "${name}" is there already`);
  if (action !== 'add' && !isThere) throw new BrokerError('not-found', `there is no user "${name}" in ${file}`);
  if (action === 'remove') {
    await replace(file, withoutUser(text, name));
    return `removed user "${name}" from ${file}\n`;
  }
  await replace(file, withUser(text, name, await changeOf(command)));
  return action === 'add' ? `added user "${name}" to ${file}\n` : `changed the password of "${name}" in ${file}\n`;
}

async function changeOf({ action, groups, certificate, withPassword, withScram }: UserCommand): Promise<UserChange> {
  const change: UserChange = {
    ...(groups === undefined ? {} : { groups: groups.map(checkGroup) }),
    ...(certificate === undefined ? {} : { certificate }),
  };
  if (!withPassword && action === 'add') {
    if (certificate === undefined) throw new BrokerError('invalid', '--no-password needs --certificate');
    return change;
  }
  const password = Buffer.from(await readPassword());
  const scram = withScram ? await makeScramRecord(prepared(password)) : undefined;
  return { password: await hashPassword(password), scram, ...change };
}

function list(text: string): string {
  const lines = [...parseUsers(text).values()].map(({ name, groups, password, scram, certificate }) => {
    const by = [password && 'password', scram && 'SCRAM-SHA-256', certificate && `certificate ${certificate}`];
    return `${name}\t${groups.join(',') || '-'}\t${by.filter(Boolean).join(', ') || 'nothing'}\n`;
  });
  return lines.join('');
}

async function readUsers(file: string, mayBeMissing: boolean): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (mayBeMissing && error instanceof Error && 'code' in error && error.code === 'ENOENT') return newFile;
    throw new BrokerError('invalid', `read users "${file}": ${messageOf(error)}`, { cause: error });
  }
}

/** At once: an engine that reads it at this moment finds the old or the new file, whole. */
async function replace(file: string, text: string): Promise<void> {
  parseUsers(text);
  const mode = await stat(file).then(
    (found) => found.mode,
    () => newFileMode,
  );
  const temporary = `${file}.${process.pid}.new`;
  try {
    await writeFile(temporary, text, { mode });
    await rename(temporary, file);
  } catch (error) {
    throw new BrokerError('invalid', `write users "${file}": ${messageOf(error)}`, { cause: error });
  }
}

/** The first line of standard input; asked for twice, unseen, at a terminal. */
export async function readPassword(times = 2): Promise<string> {
  const password = process.stdin.isTTY ? await askPassword(times) : await firstLine();
  if (password === '') throw new BrokerError('invalid', 'a password is needed, as the first line of standard input');
  if (Buffer.byteLength(password) > longestPassword) {
    throw new BrokerError('invalid', `a password is at most ${longestPassword} bytes`);
  }
  return password;
}

async function askPassword(times: number): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  // It first, then the prompt, and one for all: the terminal shows nothing of what is typed, at any moment.
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    const password = await ask(lines, 'Password: ');
    for (let i = 1; i < times; i++) {
      if ((await ask(lines, 'Again: ')) !== password) throw new BrokerError('invalid', 'the two passwords differ');
    }
    return password;
  } finally {
    lines.close();
  }
}

async function ask(lines: Interface, prompt: string): Promise<string> {
  process.stderr.write(prompt);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new BrokerError('closed', 'given up')));
      lines.once('close', () => resolve(''));
    });
  } finally {
    process.stderr.write('\n');
  }
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > 2 * longestPassword) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** As much of SASLprep (RFC 4013) as passwords that people type need: one form for each character. */
function prepared(password: Buffer): Buffer {
  return Buffer.from(password.toString('utf8').normalize('NFKC'));
}

function checkName(name: string): void {
  const { success, error } = userName.safeParse(name);
  if (!success) throw new BrokerError('invalid', `user "${name}": ${error.issues[0]?.message ?? 'not a name'}`);
}

function checkGroup(name: string): string {
  const { success, error } = groupName.safeParse(name);
  if (!success) throw new BrokerError('invalid', `group "${name}": ${error.issues[0]?.message ?? 'not a name'}`);
  return name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
