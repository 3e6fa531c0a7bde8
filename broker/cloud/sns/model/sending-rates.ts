// How many mails and text messages go out in a second (General Reference, "Amazon SNS endpoints and quotas"). AWS does not say
// what becomes of more of them: they are counted, and go out as well.

import type { Quotas } from '../../quotas.ts';
import type { Location } from '../../sqs/model/arn.ts';
import type { Attributes } from './message-attributes.ts';
import type { Phones } from './phones.ts';

export class SendingRates {
  readonly #quotas: Quotas | undefined;
  readonly #phones: Phones;

  /** `quotas`: absent, nothing is counted. */
  constructor(quotas: Quotas | undefined, phones: Phones) {
    this.#quotas = quotas;
    this.#phones = phones;
  }

  mail(topicArn: string): void {
    this.#quotas?.take('sns-email-rate', topicArn);
  }

  text({ account, region }: Location, attributes: Attributes): void {
    if (this.#quotas === undefined) return;
    const { DefaultSMSType: usual = 'Promotional' } = this.#phones.attributes({ account, region });
    const type = attributes.get('AWS.SNS.SMS.SMSType')?.StringValue ?? usual;
    const kind = type === 'Transactional' ? type : 'Promotional';
    this.#quotas.take('sns-sms-rate', `${account}/${region}/${kind}`);
  }
}
