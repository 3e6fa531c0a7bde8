// What a service says of its requests, so that they can be judged: which action an operation is, which resource it is about,
// and how a refusal is worded.

import type { AwsError } from '../errors.ts';
import type { Call } from '../service.ts';
import type { PathForm } from './canonical-request.ts';
import type { SignatureRefused } from './refusals.ts';

export interface Resource {
  readonly arn: string;
  readonly account: string;
  /** The policy that is attached to it, as text. */
  readonly policy: string | undefined;
  readonly tags?: ReadonlyMap<string, string> | undefined;
  /** False: the operation is never for other accounts, whatever a policy says. */
  readonly isShared: boolean;
}

export type Input = Readonly<Record<string, unknown>>;

export interface Authorization {
  /** How the path is signed. Default: tidied. */
  readonly pathForm?: PathForm;
  /** Of refused signatures: 403 for services that were on the Query wire, 400 for those that never were. */
  readonly refusalStatus: 400 | 403;
  /** Operations that need no signature: who has their link may do them. */
  readonly unsigned: ReadonlySet<string>;
  /** Whether a resource's policy can let callers in who sign nothing. */
  readonly admitsAnonymous: boolean;
  /** As refusals show it; policies may write it in any case. */
  actionOf(operation: string): string;
  /** What the request names, whether it is there or not. @throws AwsError for what names nothing. */
  resourceOf(operation: string, input: Input, call: Call): Resource;
  /** Condition keys of the service's own, in lower case. */
  keysOf?(input: Input): ReadonlyMap<string, string>;
  refuse(message: string): AwsError;
  /** A refused signature, where the service has words of its own for that. */
  refuseSignature?(refused: SignatureRefused): AwsError;
}

/** The member, if it is there and a text. */
export function textAt(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}
