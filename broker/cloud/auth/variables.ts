// Variables in policies, `${aws:username}` (IAM User Guide, "IAM policy elements: Variables and tags").

import type { Context } from './conditions.ts';
import { literally } from './glob.ts';

/** `${key}`, or `${key, 'what is meant without it'}`. */
const variable = /\$\{([^},]+)(?:,\s*'([^']*)')?\}/g;
const special: ReadonlySet<string> = new Set(['*', '?', '$']);

/**
 * The text with its variables filled in; undefined where one of them has no value: nothing is equal to that. What a
 * variable stands for is meant as it is: in a pattern, it is none itself.
 */
export function expand(text: string, context: Context, isPattern: boolean): string | undefined {
  if (!text.includes('${')) return text;
  let isComplete = true;
  const expanded = text.replaceAll(variable, (_whole, name: string, otherwise: string | undefined) => {
    const value = special.has(name) ? name : (context.values(name.trim().toLowerCase())?.[0] ?? otherwise);
    isComplete &&= value !== undefined;
    return isPattern ? (value ?? '').replaceAll(/[*?]/g, (character) => literally + character) : (value ?? '');
  });
  return isComplete ? expanded : undefined;
}
