// Every statement of the three specifications that says what a server, or a frame, must, should or may: with the test that
// holds it, or the reason why none does. In words of our own; the section is where to find theirs.

export type Version = '1.0' | '1.1' | '1.2';

interface Statement {
  readonly versions: readonly Version[];
  readonly section: string;
  readonly level: 'must' | 'should' | 'may';
  readonly says: string;
}

/** `by`: a file of this folder, and words of a test's title in it. */
export type Clause = Statement &
  ({ readonly by: readonly [file: string, title: string] } | { readonly reason: string });

const all = ['1.0', '1.1', '1.2'] as const;
const later = ['1.1', '1.2'] as const;

type Held = [file: string, title: string] | string;

function clause(
  versions: readonly Version[],
  section: string,
  level: Statement['level'],
  says: string,
  held: Held,
): Clause {
  const statement = { versions, section, level, says };
  return typeof held === 'string' ? { ...statement, reason: held } : { ...statement, by: held };
}

const frames = 'wire/frames.json';
const escaping = 'wire/escaping.json';
const lengths = 'wire/content-length.json';
const lineEnds = 'wire/line-ends.json';
const encoding = 'wire/encoding.json';

export const clauses: readonly Clause[] = [
  // ---- frames
  clause(all, 'Frames', 'must', 'a command, header lines, a blank line, a body and a NUL', [
    frames,
    '[1.2 STOMP Frames] a command, headers, a blank line, a body and a NUL',
  ]),
  clause(['1.2'], 'STOMP Frames', 'may', 'a line ends in LF, or in CR LF', [
    lineEnds,
    '[1.2 STOMP Frames] lines may end in CR LF',
  ]),
  clause(['1.1'], 'STOMP Frames', 'must', 'a line ends in LF alone', [
    lineEnds,
    '[1.1 Augmented BNF] a CR before the LF is part of the value',
  ]),
  clause(all, 'Frames', 'may', 'ends of line follow the NUL', [
    frames,
    '[1.2 STOMP Frames] line feeds after the NUL are skipped',
  ]),
  clause(later, 'STOMP Frames', 'must', 'commands and header names are case sensitive', [
    frames,
    '[1.2 STOMP Frames] commands and header names are case sensitive',
  ]),
  clause(later, 'Value Encoding', 'must', 'commands and headers are UTF-8', [
    'wire/utf-8.json',
    '[1.2 Value Encoding] headers are UTF-8',
  ]),
  clause(['1.2'], 'Value Encoding', 'must', 'the escapes of CR, LF, colon and backslash are undone', [
    escaping,
    '[1.2 Value Encoding] \\\\r \\\\n \\\\c and \\\\\\\\ in values',
  ]),
  clause(['1.1'], 'Value Encoding', 'must', 'the escapes of LF, colon and backslash are undone', [
    escaping,
    '[1.1 Value Encoding] \\\\n \\\\c and \\\\\\\\',
  ]),
  clause(['1.2'], 'Value Encoding', 'must', 'another escape is a fatal error', [
    escaping,
    '[1.2 Value Encoding] an undefined escape is fatal in a value',
  ]),
  clause(['1.1'], 'Value Encoding', 'must', 'another escape, CR among them, is a fatal error', [
    escaping,
    '[1.1 Value Encoding] \\\\r is undefined and fatal',
  ]),
  clause(['1.2'], 'Value Encoding', 'must', 'what is written is escaped the same way', [
    encoding,
    '[1.2 Value Encoding] CR, LF, colon and backslash are escaped in names and values',
  ]),
  clause(['1.1'], 'Value Encoding', 'must', 'what is written is escaped the same way', [
    encoding,
    '[1.1 Value Encoding] LF, colon and backslash are escaped in names and values',
  ]),
  clause(later, 'Value Encoding', 'must', 'CONNECT is not unescaped', [
    escaping,
    '[1.2 Value Encoding] CONNECT does not escape',
  ]),
  clause(later, 'Value Encoding', 'must', 'CONNECTED is not escaped', [
    encoding,
    '[1.2 Value Encoding] CONNECTED does not escape, nor does it break',
  ]),
  clause(['1.1'], 'Value Encoding', 'must', 'headers are never trimmed or padded', [
    frames,
    '[1.1 Value Encoding] values are never trimmed',
  ]),
  clause(['1.2'], 'Value Encoding', 'must', 'headers are never trimmed or padded', [
    frames,
    '[1.2 Value Encoding] values are never trimmed',
  ]),
  clause(['1.0'], 'examples', 'may', 'a value has spaces around it', [
    frames,
    '[1.0, examples] spaces around a value are padding',
  ]),
  clause(['1.1'], 'Value Encoding', 'must', 'only SEND, MESSAGE and ERROR have a body', [
    frames,
    '[1.1 Value Encoding] a body on a frame that may not have one',
  ]),
  clause(['1.2'], 'Body', 'must', 'only SEND, MESSAGE and ERROR have a body', [
    frames,
    '[1.2 Body] a body on a frame that may not have one',
  ]),
  clause(['1.0'], 'SUBSCRIBE', 'may', 'a body of SUBSCRIBE is ignored', [
    frames,
    '[1.0 SUBSCRIBE] a body on a frame that needs none is let through to be ignored',
  ]),

  // ---- standard headers
  clause(['1.2'], 'Header content-length', 'may', 'every frame has a content-length', [
    lengths,
    '[1.2 Header content-length] any frame may have it',
  ]),
  clause(all, 'Header content-length', 'must', 'that many octets are read, NULs among them', [
    lengths,
    '[1.2 Header content-length] NULs among them are part of the body',
  ]),
  clause(all, 'Header content-length', 'must', 'the frame still ends in a NUL', [
    lengths,
    '[1.2 Header content-length] a body that is longer is refused',
  ]),
  clause(all, 'Header content-length', 'must', 'without it the first NUL is the end', [
    lengths,
    '[1.2 Header content-length] without it the first NUL ends the body',
  ]),
  clause(
    all,
    'Header content-length',
    'should',
    'MESSAGE with a body has it',
    'a text message has none, by which clients of ActiveMQ tell text from bytes; ERROR and bytes have one',
  ),
  clause(all, 'Header content-length', 'should', 'ERROR with a body has it', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
  clause(later, 'Header content-length', 'must', 'a frame whose body has NULs has it', [
    'headers.test.ts',
    'announces the length of bytes, and of text with a NUL',
  ]),
  clause(later, 'Header content-type', 'should', 'MESSAGE has the content-type of its SEND', [
    'headers.test.ts',
    'gives every field a header',
  ]),
  clause(
    later,
    'Header content-type',
    'should',
    'a body without a content-type is a binary blob',
    'for the receiver; the engine keeps octets, and tells text from bytes as ActiveMQ does',
  ),
  clause(later, 'Header content-type', 'should', 'ERROR has one, with its encoding', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
  clause(later, 'Header content-type', 'must', 'text in UTF-8 is supported', [
    'wire/utf-8.json',
    '[1.2 Body] the body is opaque octets',
  ]),
  clause(all, 'Header receipt', 'may', 'every frame but CONNECT asks for a receipt', [
    'receipts.test.ts',
    'answers a receipt on every client frame',
  ]),
  clause(later, 'Repeated Header Entries', 'should', 'the first of repeated headers counts', [
    frames,
    '[1.2 Repeated Header Entries] the first of repeated headers counts',
  ]),
  clause(
    later,
    'Repeated Header Entries',
    'may',
    'the others are history, and may be ignored',
    'they are: a message keeps one value for a name',
  ),
  clause(later, 'Size Limits', 'may', 'the number of headers is limited', [
    'wire/limits.json',
    '[1.2 Size Limits] one header too many',
  ]),
  clause(later, 'Size Limits', 'may', 'the length of header lines is limited', [
    'wire/limits.json',
    '[1.2 Size Limits] a header line too long',
  ]),
  clause(later, 'Size Limits', 'may', 'the size of a body is limited', [
    'wire/limits.json',
    '[1.2 Size Limits] a body too large is refused before its NUL',
  ]),
  clause(later, 'Size Limits', 'should', 'what is beyond a limit is answered with ERROR, and a close', [
    'send.test.ts',
    'refuses a body beyond the largest message, with the receipt of its frame',
  ]),
  clause(['1.2'], 'Connection Lingering', 'must', 'clients that connect and disconnect rapidly are served', [
    'ending.test.ts',
    'serves clients that connect and disconnect rapidly',
  ]),
  clause(['1.1'], 'Connecting', 'must', 'clients that connect and disconnect rapidly are served', [
    'ending.test.ts',
    'serves clients that connect and disconnect rapidly',
  ]),
  clause(['1.2'], 'Connection Lingering', 'may', 'a closed connection lingers for a short time only', [
    'ending.test.ts',
    'destroys the socket of a client that does not close after ERROR, shortly after',
  ]),

  // ---- connecting
  clause(all, 'Connecting', 'must', 'CONNECT is answered with CONNECTED', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(later, 'Connecting', 'should', 'a connection that is refused is told why by ERROR, then closed', [
    'connect.test.ts',
    'refuses a wrong passcode without showing it',
  ]),
  clause(['1.2'], 'CONNECT or STOMP Frame', 'must', 'STOMP is taken for CONNECT', [
    'connect.test.ts',
    'takes STOMP for CONNECT',
  ]),
  clause(['1.1'], 'CONNECT or STOMP Frame', 'should', 'STOMP is taken for CONNECT', [
    'connect.test.ts',
    'takes STOMP for CONNECT',
  ]),
  clause(later, 'CONNECT or STOMP Frame', 'must', 'the client says which versions it speaks', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(
    later,
    'CONNECT or STOMP Frame',
    'must',
    'the client names a host',
    'there are no virtual hosts: any is taken, and none as well, as ActiveMQ does',
  ),
  clause(later, 'CONNECT or STOMP Frame', 'may', 'a host that is not known is refused', 'there are no virtual hosts'),
  clause(all, 'CONNECT or STOMP Frame', 'may', 'the client gives login and passcode', [
    'connect.test.ts',
    'asks for login and passcode, as they were written',
  ]),
  clause(later, 'CONNECTED Frame', 'must', 'it has the version of the session', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(all, 'CONNECTED Frame', 'may', 'it has the identifier of the session', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(later, 'CONNECTED Frame', 'must', 'its header server begins with a name', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(later, 'CONNECTED Frame', 'may', 'it has a heart-beat', [
    'connect.test.ts',
    'with what the server does and wants',
  ]),
  clause(later, 'Protocol Negotiation', 'must', 'no accept-version means 1.0', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(later, 'Protocol Negotiation', 'must', 'the highest version in common is used', [
    'connect.test.ts',
    'with the highest version in common',
  ]),
  clause(['1.2'], 'Protocol Negotiation', 'must', 'none in common: ERROR with the versions, and a close', [
    'connect.test.ts',
    'answers ERROR with its versions, and closes, when none is in common',
  ]),
  clause(['1.1'], 'Protocol Negotiation', 'should', 'none in common: ERROR with the versions', [
    'connect.test.ts',
    'answers ERROR with its versions, and closes, when none is in common',
  ]),
  clause(later, 'Heart-beating', 'must', 'the header is two numbers with a comma between', [
    'connect.test.ts',
    'refuses heart-beat:%s',
  ]),
  clause(later, 'Heart-beating', 'must', 'no header is the same as 0,0', [
    'connect.test.ts',
    'with what the server does and wants',
  ]),
  clause(later, 'Heart-beating', 'must', 'each direction is as often as both sides can and want', [
    'connect.test.ts',
    'with what the server does and wants',
  ]),
  clause(later, 'Heart-beating', 'must', 'something is sent within each period, an end of line if nothing else', [
    'heart-beat.test.ts',
    'sends a line feed when there is nothing else, well within each period',
  ]),
  clause(later, 'Heart-beating', 'may', 'a peer that is silent for longer is taken for dead', [
    'heart-beat.test.ts',
    'ends a connection that is silent for longer than it said, with a margin',
  ]),
  clause(later, 'Heart-beating', 'should', 'the receiver allows for an error margin', [
    'heart-beat.test.ts',
    'ends a connection that is silent for longer than it said, with a margin',
  ]),
  clause(later, 'Client Frames', 'may', 'an unknown frame is answered with ERROR, and a close', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),

  // ---- sending
  clause(all, 'SEND', 'must', 'it has a destination', ['send.test.ts', 'refuses %s, and closes']),
  clause(later, 'SEND', 'must', 'headers of the user are passed through', [
    'headers.test.ts',
    'makes standard headers the fields of the message, and all others string properties',
  ]),
  clause(later, 'SEND', 'may', 'a SUBSCRIBE selects by headers of the user', [
    'stompjs.test.ts',
    '@stomp/stompjs gets what it selects from %s',
  ]),
  clause(later, 'SEND', 'must', 'a message that cannot be sent is answered with ERROR, and a close', [
    'send.test.ts',
    'answers ERROR with the receipt when a message cannot be stored',
  ]),
  clause(all, 'SEND', 'may', 'it belongs to a transaction', [
    'transaction.test.ts',
    'makes what was sent in it visible with its COMMIT, all at once',
  ]),

  // ---- subscribing
  clause(all, 'SUBSCRIBE', 'must', 'it has a destination', ['subscribe.test.ts', 'refuses %s, and closes']),
  clause(later, 'SUBSCRIBE', 'must', 'one that cannot be made is answered with ERROR, and a close', [
    'subscribe.test.ts',
    'refuses %s, and closes',
  ]),
  clause(later, 'SUBSCRIBE', 'may', 'there are further headers of the server’s own', [
    'destinations.test.ts',
    'serves consumers of a higher priority first',
  ]),
  clause(later, 'SUBSCRIBE id Header', 'must', 'it has an id', ['subscribe.test.ts', 'refuses %s, and closes']),
  clause(['1.2'], 'SUBSCRIBE id Header', 'must', 'ids of one connection differ', [
    'subscribe.test.ts',
    'refuses an id that is in use',
  ]),
  clause(['1.0'], 'SUBSCRIBE', 'may', 'it has an id', [
    'subscribe.test.ts',
    '1.0 subscribes and unsubscribes by destination, without an id',
  ]),
  clause(['1.0'], 'SUBSCRIBE', 'should', 'MESSAGE names the subscription that has an id', [
    'subscribe.test.ts',
    'acknowledging in version %s',
  ]),
  clause(['1.0'], 'SUBSCRIBE', 'may', 'a selector is supported', [
    'stompjs.test.ts',
    '@stomp/stompjs gets what it selects from %s',
  ]),
  clause(all, 'SUBSCRIBE ack Header', 'must', 'without it a message is taken for received once it is sent', [
    'subscribe.test.ts',
    'takes a message for consumed once it is sent',
  ]),
  clause(
    all,
    'SUBSCRIBE ack Header',
    'must',
    'client: what is not acknowledged when the connection ends was not received',
    ['subscribe.test.ts', 'puts what was not acknowledged back in its place, marked, when the connection ends'],
  ),
  clause(later, 'SUBSCRIBE ack Header', 'must', 'client: ACK is of all messages before as well', [
    'subscribe.test.ts',
    'is cumulative in mode client',
  ]),
  clause(later, 'SUBSCRIBE ack Header', 'must', 'client-individual: ACK is of one message', [
    'subscribe.test.ts',
    'is for one message in mode client-individual',
  ]),
  clause(later, 'SUBSCRIBE ack Header', 'may', 'what was not received goes to another client', [
    'ending.test.ts',
    'gives messages back at once when a frame is refused, not when the client goes',
  ]),
  clause(later, 'UNSUBSCRIBE', 'must', 'it has the id of a subscription', [
    'subscribe.test.ts',
    'puts it back when the subscription ends, and refuses to hear of it afterwards',
  ]),
  clause(['1.0'], 'UNSUBSCRIBE', 'must', 'it has a destination or an id', [
    'subscribe.test.ts',
    '1.0 subscribes and unsubscribes by destination, without an id',
  ]),
  clause(['1.2'], 'ACK', 'must', 'its id is the ack header of a MESSAGE', [
    'subscribe.test.ts',
    '\'ACK without the header "id"\'',
  ]),
  clause(['1.1'], 'ACK', 'must', 'it has a message-id and a subscription', [
    'subscribe.test.ts',
    '\'ACK without the header "subscription"\'',
  ]),
  clause(['1.0'], 'ACK', 'must', 'it has a message-id', [
    'subscribe.test.ts',
    '\'ACK without the header "message-id"\'',
  ]),
  clause(all, 'ACK', 'may', 'it belongs to a transaction', [
    'transaction.test.ts',
    'moves on: sends and acknowledgements of one COMMIT',
  ]),
  clause(later, 'NACK', 'must', 'it has the headers of ACK, and is its opposite', [
    'subscribe.test.ts',
    'sends a message to the dead-letter queue, with its reason and origin',
  ]),
  clause(['1.2'], 'NACK', 'must', 'client: it is of all messages before as well', [
    'subscribe.test.ts',
    'is for all messages before it in mode client',
  ]),
  clause(later, 'NACK', 'may', 'it belongs to a transaction', [
    'transaction.test.ts',
    'dead-letters with its COMMIT what was refused in it',
  ]),

  // ---- transactions
  clause(all, 'BEGIN', 'must', 'it has a transaction', [
    'transaction.test.ts',
    '\'BEGIN without the header "transaction"\'',
  ]),
  clause(['1.2'], 'BEGIN', 'must', 'transactions of one connection differ', [
    'transaction.test.ts',
    '\'transaction "t" has begun already\'',
  ]),
  clause(later, 'BEGIN', 'must', 'what is begun is aborted when the connection ends', [
    'transaction.test.ts',
    'is aborted when the connection ends (%j)',
  ]),
  clause(all, 'BEGIN', 'must', 'sends and acknowledgements happen together', [
    'transaction.test.ts',
    'moves on: sends and acknowledgements of one COMMIT',
  ]),
  clause(all, 'COMMIT', 'must', 'it has a transaction', [
    'transaction.test.ts',
    '\'COMMIT without the header "transaction"\'',
  ]),
  clause(all, 'COMMIT', 'must', 'its transaction has begun', [
    'transaction.test.ts',
    '\'transaction "t" has not begun\'',
  ]),
  clause(all, 'ABORT', 'must', 'it has a transaction', [
    'transaction.test.ts',
    '\'ABORT without the header "transaction"\'',
  ]),
  clause(all, 'ABORT', 'must', 'nothing of it happens', [
    'transaction.test.ts',
    'forgets what was sent in it with its ABORT',
  ]),

  // ---- the end
  clause(all, 'DISCONNECT', 'may', 'a client just closes its socket', [
    'ending.test.ts',
    'keeps what a client sent that closes without waiting',
  ]),
  clause(later, 'DISCONNECT', 'should', 'its receipt says that all frames before were received', [
    'ending.test.ts',
    'answers DISCONNECT with its RECEIPT, behind all others, then closes',
  ]),
  clause(later, 'DISCONNECT', 'must', 'no frame follows it', ['ending.test.ts', 'ignores what follows a DISCONNECT']),

  // ---- server frames
  clause(all, 'MESSAGE', 'must', 'it has the destination that it was sent to', [
    'subscribe.test.ts',
    'gives a subscription to %s what is sent to %j',
  ]),
  clause(['1.2'], 'MESSAGE', 'should', 'the destination is as SEND had it', [
    'destinations.test.ts',
    'receives from every destination of a list, in one window',
  ]),
  clause(all, 'MESSAGE', 'must', 'it has a message-id of its own', [
    'subscribe.test.ts',
    'tells two messages of one id apart',
  ]),
  clause(later, 'MESSAGE', 'must', 'it has the id of its subscription', [
    'subscribe.test.ts',
    'gives every subscription its own copy, each under its id',
  ]),
  clause(['1.2'], 'MESSAGE', 'must', 'one that is to be acknowledged has an ack header', [
    'subscribe.test.ts',
    'is for one message in mode client-individual',
  ]),
  clause(all, 'MESSAGE', 'must', 'its body is that of the SEND', [
    'headers.test.ts',
    'carries bodies of %i and %i bytes octet by octet',
  ]),
  clause(later, 'MESSAGE', 'must', 'it has the headers of the user', [
    'headers.test.ts',
    'writes properties of every type as text',
  ]),
  clause(later, 'MESSAGE', 'may', 'it has headers of the server’s own', [
    'headers.test.ts',
    'gives every field a header',
  ]),
  clause(all, 'RECEIPT', 'must', 'its receipt-id is the receipt of the frame', [
    'receipts.test.ts',
    'answers a receipt on every client frame',
  ]),
  clause(['1.2'], 'RECEIPT', 'should', 'it stands for all frames before', [
    'send.test.ts',
    'sends receipts in the order of the frames, those that wait for no disk too',
  ]),
  clause(all, 'ERROR', 'may', 'it is sent when something goes wrong', ['send.test.ts', 'refuses %s, and closes']),
  clause(['1.2'], 'ERROR', 'must', 'the connection is closed after it', [
    'ending.test.ts',
    'destroys the socket of a client that does not close after ERROR, shortly after',
  ]),
  clause(all, 'ERROR', 'should', 'it has a message, short', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
  clause(all, 'ERROR', 'may', 'its body says more', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
  clause(later, 'ERROR', 'should', 'it says which frame it is about', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
  clause(later, 'ERROR', 'should', 'its receipt-id is the receipt of the frame', [
    'ending.test.ts',
    'says in ERROR which frame it is about, without secrets and without its body',
  ]),
];
