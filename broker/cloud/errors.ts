// Errors as AWS sends them. One object knows how each wire names it: the JSON exception with its namespace, the Query
// code, the HTTP status and whose fault it was. Actions throw these; nothing outside cloud/ does.

export interface ErrorKind {
  /** Exception name with the namespace it is sent under, as `__type` carries it. */
  readonly type: string;
  /** `<Code>` on the Query wire, and in the x-amzn-query-error header. */
  readonly code: string;
  readonly status: number;
  readonly fault: 'Sender' | 'Receiver';
}

export class AwsError extends Error {
  readonly kind: ErrorKind;
  /** What the Query wire says instead, where the two differ. */
  readonly queryMessage: string;
  /** What is said besides, on a wire that has a place for it. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    kind: ErrorKind,
    message: string,
    queryMessage = message,
    details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'AwsError';
    this.kind = kind;
    this.queryMessage = queryMessage;
    this.details = details;
  }
}

const coral = 'com.amazon.coral.service#';

/** What the framework in front of every AWS service refuses, whichever service it is. */
export const commonErrors = {
  unknownOperation: {
    type: `${coral}UnknownOperationException`,
    code: 'InvalidAction',
    status: 400,
    fault: 'Sender',
  },
  serialization: { type: `${coral}SerializationException`, code: 'MalformedInput', status: 400, fault: 'Sender' },
  missingParameter: {
    type: `${coral}MissingRequiredParameterException`,
    code: 'MissingParameter',
    status: 400,
    fault: 'Sender',
  },
  invalidParameterValue: {
    type: `${coral}InvalidParameterValueException`,
    code: 'InvalidParameterValue',
    status: 400,
    fault: 'Sender',
  },
  accessDenied: { type: `${coral}AccessDeniedException`, code: 'AccessDenied', status: 403, fault: 'Sender' },
  serviceUnavailable: {
    type: `${coral}ServiceUnavailableException`,
    code: 'ServiceUnavailable',
    status: 503,
    fault: 'Receiver',
  },
  internalFailure: { type: `${coral}InternalFailure`, code: 'InternalFailure', status: 500, fault: 'Receiver' },
} as const satisfies Record<string, ErrorKind>;

/** No message: the framework sends none when the body is not of the wire's grammar at all. */
export function malformedInput(message = ''): AwsError {
  return new AwsError(commonErrors.serialization, message);
}

export function unknownOperation(action: string): AwsError {
  return new AwsError(
    commonErrors.unknownOperation,
    'The requested operation is not recognized by the service.',
    `The action ${action} is not valid for this endpoint.`,
  );
}

export function missingParameter(name: string): AwsError {
  return new AwsError(commonErrors.missingParameter, `The request must contain the parameter ${name}.`);
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError(commonErrors.invalidParameterValue, message);
}
