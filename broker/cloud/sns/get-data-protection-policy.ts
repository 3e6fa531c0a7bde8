// GetDataProtectionPolicy: no topic has one (see PutDataProtectionPolicy).

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ ResourceArn: required(string()) });
const output = structure({ DataProtectionPolicy: string() });

export function getDataProtectionPolicy({ topics }: Sns): Operation {
  return operation('GetDataProtectionPolicy', input, output, async ({ ResourceArn: arn }, { region }) => {
    topics.at(arn, region, 'ResourceArn');
    return { DataProtectionPolicy: '' };
  });
}
