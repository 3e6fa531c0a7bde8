// How networks and TLS say that a connection failed, as sentences for people. What to do about it is told by who connects:
// it knows where its certificates are named.

/** By the code of the error. */
export const networkWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'no way leads to this host',
  ENETUNREACH: 'no way leads to this network',
  ETIMEDOUT: 'there is no answer: a firewall may be in the way',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
};

const noTls = 'the port does not speak TLS';

/** By the code of the error. `authority` and `certificate`: how one is named there. */
export function tlsWords(authority: string, certificate: string): Readonly<Record<string, string>> {
  const untrusted = `its certificate is of no authority that is trusted here: name that authority ${authority}`;
  const needsCertificate = `it asks for a certificate of the client: ${certificate}`;
  return {
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
    UNABLE_TO_GET_ISSUER_CERT: untrusted,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
    CERT_HAS_EXPIRED: 'its certificate has run out',
    CERT_NOT_YET_VALID: 'its certificate is not valid yet: look at the clocks',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: connect by a name that stands in it',
    ERR_SSL_WRONG_VERSION_NUMBER: noTls,
    ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
    ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS from 1.2 on',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: needsCertificate,
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: needsCertificate,
  };
}

/** The code of a system error; '': it has none. */
export function codeOf(error: unknown): string {
  // A host with several addresses fails once for each.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What the error says, or its code: errors of several addresses say nothing. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : codeOf(error) || String(error);
}
