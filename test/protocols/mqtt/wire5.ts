// The tables of wire5.test.ts. `82 0009 0001 00 …` as in wire-bytes.ts; a title begins with the clause that it is about.

interface Accepted {
  readonly title: string;
  /** What is sent, and then each packet that comes. */
  readonly steps: readonly (readonly [sent: string, ...answers: string[]])[];
}

interface Refused {
  readonly title: string;
  readonly sent: string;
  /** Reason code in hexadecimal digits; empty: no answer. */
  readonly code: string;
}

function takes(title: string, ...steps: Accepted['steps']): Accepted {
  return { title, steps };
}

function refuses(code: string, title: string, sent: string): Refused {
  return { code, title, sent };
}

export const accepted: readonly Accepted[] = [
  takes('[MQTT-3.12.4-1] PINGREQ', ['C0 00', 'D0 00']),
  takes('[MQTT-4.3.1-1] QoS 0, without an answer', ["30 08 0001 'a' 00 'text'"]),
  takes('[MQTT-4.3.2-4] QoS 1, for nobody', ["32 07 0001 'a' 1234 00 'x'", '40 03 1234 10']),
  takes(
    '[MQTT-4.3.3-8] [MQTT-4.3.3-11] QoS 2, for nobody',
    ["34 07 0001 'a' 1234 00 'x'", '50 03 1234 10'],
    ['62 02 1234', '70 02 1234'],
  ),
  takes(
    '[MQTT-4.3.3-10] QoS 2 again before its PUBREL',
    ["34 07 0001 'a' 0007 00 'x'", '50 03 0007 10'],
    ["3C 07 0001 'a' 0007 00 'x'", '50 02 0007'],
  ),
  takes(
    '[MQTT-4.3.3-12] the identifier of QoS 2 after its PUBREL',
    ["34 07 0001 'a' 0007 00 'x'", '50 03 0007 10'],
    ['62 02 0007', '70 02 0007'],
    ["34 07 0001 'a' 0007 00 'y'", '50 03 0007 10'],
  ),
  takes(
    '[MQTT-4.3.2-5] the identifier of QoS 1 after its PUBACK',
    ["32 07 0001 'a' 0007 00 'x'", '40 03 0007 10'],
    ["3A 07 0001 'a' 0007 00 'y'", '40 03 0007 10'],
  ),
  takes('[3.6.2.1] a PUBREL for nothing', ['62 02 0009', '70 03 0009 92']),
  takes('[3.5.2.1] a PUBREC for nothing', ['50 02 0009', '62 03 0009 92']),
  takes('[3.5.2.1] a PUBREC of a failure for nothing', ['50 03 0009 80']),
  takes('[3.4.2.1] a PUBACK for nothing, short', ['40 02 0009']),
  takes('[3.4.2.1] a PUBACK with a reason', ['40 03 0009 97']),
  takes('[3.4.2.2] a PUBACK with a reason and no properties', ['40 04 0009 00 00']),
  takes('[3.4.2.2.2] a PUBACK with a reason string', ["40 09 0009 80 05 1F 0002 'no'"]),
  takes('[3.4.2.2.3] a PUBACK with user properties', ["40 12 0009 80 0E 26 0001 'a' 0001 'b' 26 0001 'a' 0001 'b'"]),
  takes('[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-7] SUBSCRIBE', ["82 07 1234 00 0001 'p' 02", '90 04 1234 00 02']),
  takes('[MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1] several filters in one SUBSCRIBE', [
    "82 0F 0001 00 0001 'a' 01 0001 'b' 00 0001 'c' 02",
    '90 06 0001 00 01 00 02',
  ]),
  takes('[3.8.3.1] all options of a subscription', ["82 07 0001 00 0001 'p' 2D", '90 04 0001 00 01']),
  takes('[3.8.2.1.2] a subscription identifier', ["82 0C 0001 05 0B FFFFFF7F 0001 'p' 00", '90 04 0001 00 00']),
  takes('[MQTT-4.8.2-1] a shared subscription', ["82 10 0001 00 000A '$share/g/p' 01", '90 04 0001 00 01']),
  takes('[MQTT-4.8.2-2] a shared subscription without a filter', [
    "82 0F 0001 00 0009 '$share/g/' 01",
    '90 04 0001 00 8F',
  ]),
  takes('[MQTT-4.8.2-1] a shared subscription without a group', [
    "82 0F 0001 00 0009 '$share//p' 01",
    '90 04 0001 00 8F',
  ]),
  takes('[MQTT-4.8.2-2] a group that is a wildcard', ["82 10 0001 00 000A '$share/+/p' 01", '90 04 0001 00 8F']),
  takes('[MQTT-3.10.4-4] [MQTT-3.10.4-5] UNSUBSCRIBE of nothing', ["A2 06 1234 00 0001 'p'", 'B0 04 1234 00 11']),
  takes(
    '[MQTT-3.10.4-1] [MQTT-3.10.4-6] [MQTT-3.11.3-1] several filters in one UNSUBSCRIBE',
    ["82 07 0001 00 0001 'p' 02", '90 04 0001 00 02'],
    ["A2 09 1234 00 0001 'q' 0001 'p'", 'B0 05 1234 00 11 00'],
  ),
  takes('[3.10.2.1] user properties of UNSUBSCRIBE', [
    "A2 0D 1234 07 26 0001 'a' 0001 'b' 0001 'p'",
    'B0 04 1234 00 11',
  ]),
  takes(
    '[MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] properties of a message, which arrive as they were',
    ["82 07 0001 00 0001 'p' 00", '90 04 0001 00 00'],
    [
      "30 23 0001 'p' 1D 01 01 26 0001 'b' 0001 '1' 03 0001 't' 08 0001 'r' 09 0002 00FF 26 0001 'a' 0001 '2' 'ok'",
      "30 23 0001 'p' 1D 01 01 26 0001 'b' 0001 '1' 03 0001 't' 08 0001 'r' 09 0002 00FF 26 0001 'a' 0001 '2' 'ok'",
    ],
  ),
  takes(
    '[3.3.2.3.4] a topic alias, which is not passed on',
    ["82 07 0001 00 0001 'p' 00", '90 04 0001 00 00'],
    ["30 08 0001 'p' 03 23 0001 'x'", "30 05 0001 'p' 00 'x'"],
    ["30 07 0000 03 23 0001 'y'", "30 05 0001 'p' 00 'y'"],
    ["30 08 0001 'q' 03 23 0001 'z' 30 07 0000 03 23 0001 'z'"],
  ),
  takes(
    '[MQTT-3.3.2-6] a message expiry interval, fresh',
    ["82 07 0001 00 0001 'p' 00", '90 04 0001 00 00'],
    ["30 0A 0001 'p' 05 02 0000FFFF 'x'", "30 0A 0001 'p' 05 02 0000FFFF 'x'"],
  ),
  takes(
    '[MQTT-3.3.4-3] [MQTT-3.3.4-4] a subscription identifier, which comes with the message',
    ["82 0A 0001 03 0B 8001 0001 'p' 00", '90 04 0001 00 00'],
    ["30 05 0001 'p' 00 'x'", "30 08 0001 'p' 03 0B 8001 'x'"],
  ),
  takes(
    '[MQTT-2.2.2-1] an empty payload',
    ["82 07 0001 00 0001 'p' 00", '90 04 0001 00 00'],
    ["30 04 0001 'p' 00", "30 04 0001 'p' 00"],
  ),
  takes(
    '[MQTT-1.5.4-3] a byte order mark in a topic',
    ["82 0A 0001 00 0004 EFBBBF 'p' 00", '90 04 0001 00 00'],
    ["30 08 0004 EFBBBF 'p' 00 'x'", "30 08 0004 EFBBBF 'p' 00 'x'"],
  ),
];

const longSubscribe = "82 07 0001 00 0001 'p'";

export const refused: readonly Refused[] = [
  // 2.1: fixed header
  refuses('82', '[MQTT-3.1.0-2] a second CONNECT', "10 0E 0004 'MQTT' 05 02 003C 00 0001 'p'"),
  refuses('82', '[2.1.2] packet type 0', '00 00'),
  refuses('82', '[2.1.2] CONNACK from a client', '20 03 00 00 00'),
  refuses('82', '[2.1.2] SUBACK from a client', '90 04 0001 00 00'),
  refuses('82', '[2.1.2] UNSUBACK from a client', 'B0 04 0001 00 00'),
  refuses('82', '[2.1.2] PINGRESP from a client', 'D0 00'),
  refuses('81', '[MQTT-1.5.5-1] a remaining length of five digits', '30 80 80 80 80 01'),
  refuses('95', '[3.2.2.3.6] a packet larger than the server takes', '30 FF FF FF 7F'),
  refuses('81', '[MQTT-2.1.3-1] PINGREQ with flags', 'C1 00'),
  refuses('81', '[3.12.1] PINGREQ with a body', 'C0 01 00'),
  refuses('81', '[MQTT-3.6.1-1] PUBREL with flags 0', '60 02 0001'),
  refuses('81', '[MQTT-3.8.1-1] SUBSCRIBE with flags 0', "80 07 0001 00 0001 'p' 00"),
  refuses('81', '[MQTT-3.10.1-1] UNSUBSCRIBE with flags 0', "A0 06 0001 00 0001 'p'"),
  refuses('81', '[MQTT-3.14.1-1] DISCONNECT with flags', 'E1 00'),
  refuses('81', '[MQTT-3.15.1-1] AUTH with flags', 'F1 00'),
  refuses('81', '[MQTT-2.1.3-1] PUBACK with flags', '41 02 0001'),
  // 3.3: PUBLISH
  refuses('81', '[MQTT-3.3.1-4] QoS 3', "36 07 0001 'a' 0001 00 'x'"),
  refuses('81', '[MQTT-3.3.1-2] DUP at QoS 0', "38 05 0001 'a' 00 'x'"),
  refuses('82', '[MQTT-2.2.1-3] packet identifier 0', "32 07 0001 'a' 0000 00 'x'"),
  refuses('82', '[3.3.2.1] neither a topic nor an alias', "30 04 0000 00 'x'"),
  refuses('82', '[3.3.2.3.4] an alias that stands for nothing', "30 07 0000 03 23 0001 'x'"),
  refuses('94', '[MQTT-3.3.2-8] topic alias 0', "30 08 0001 'a' 03 23 0000 'x'"),
  refuses('94', '[MQTT-3.3.2-9] a topic alias beyond the maximum', "30 08 0001 'a' 03 23 0041 'x'"),
  refuses('81', '[MQTT-3.3.2-2] [MQTT-4.7.0-1] a wildcard in a topic name', "30 07 0003 'a/+' 00 'x'"),
  refuses('81', '[MQTT-4.7.3-2] NUL in a topic name', "30 06 0002 6100 00 'x'"),
  refuses('81', '[MQTT-1.5.4-1] a surrogate in a topic name', "30 07 0003 EDA080 00 'x'"),
  refuses('81', '[MQTT-3.3.2-1] a topic name that is cut short', "30 04 0005 'ab'"),
  refuses('82', '[MQTT-3.3.4-6] a subscription identifier from a client', "30 07 0001 'a' 02 0B 01 'x'"),
  refuses('82', '[MQTT-3.3.2-14] a response topic with a wildcard', "30 09 0001 'a' 04 08 0001 '+' 'x'"),
  refuses('82', '[3.3.2.3.2] payload format 2', "30 07 0001 'a' 02 01 02 'x'"),
  refuses('82', '[3.3.2.3.2] payload format twice', "30 09 0001 'a' 04 01 01 01 01 'x'"),
  refuses('99', '[3.3.2.3.2] a payload that is not the text that it is said to be', "30 07 0001 'a' 02 01 01 FF"),
  refuses('82', '[3.3.2.3.3] message expiry twice', "30 0E 0001 'a' 0A 02 00000001 02 00000001"),
  refuses('82', '[3.3.2.3.5] response topic twice', "30 0C 0001 'a' 08 08 0001 'r' 08 0001 'r'"),
  refuses('82', '[3.3.2.3.6] correlation data twice', "30 0C 0001 'a' 08 09 0001 'r' 09 0001 'r'"),
  refuses('82', '[3.3.2.3.9] content type twice', "30 0C 0001 'a' 08 03 0001 'r' 03 0001 'r'"),
  refuses('81', '[MQTT-3.3.2-19] a content type that is not text', "30 08 0001 'a' 04 03 0001 FF"),
  refuses('81', '[MQTT-3.3.2-13] a response topic that is not text', "30 08 0001 'a' 04 08 0001 FF"),
  refuses('81', '[MQTT-1.5.7-1] a user property that is not text', "30 0B 0001 'a' 07 26 0001 FF 0001 'b'"),
  refuses('81', '[2.2.2.2] a property that does not belong to PUBLISH', "30 09 0001 'a' 05 11 00000001"),
  refuses('81', '[2.2.2.2] a property that is not there', "30 06 0001 'a' 02 04 01"),
  refuses('81', '[2.2.2.1] properties that are cut short', "30 05 0001 'a' 7F 01"),
  refuses('81', '[2.2.2.1] a property that is longer than all of them', "30 08 0001 'a' 02 02 00000001"),
  refuses('81', '[MQTT-1.5.5-1] a property length in more bytes than it needs', "30 06 0001 'a' 80 00 'x'"),
  // 3.4 to 3.7
  refuses('82', '[MQTT-3.4.2-1] PUBACK with a reason that it does not have', '40 03 0001 92'),
  refuses('82', '[MQTT-3.5.2-1] PUBREC with a reason that it does not have', '50 03 0001 01'),
  refuses('82', '[MQTT-3.6.2-1] PUBREL with a reason that it does not have', '62 03 0001 10'),
  refuses('82', '[MQTT-3.7.2-1] PUBCOMP with a reason that it does not have', '70 03 0001 80'),
  refuses('81', '[3.4.2] PUBACK without an identifier', '40 01 00'),
  refuses('82', '[2.2.1] PUBACK of packet identifier 0', '40 02 0000'),
  refuses('82', '[3.4.2.2.2] a reason string twice', "40 0C 0001 80 08 1F 0001 'a' 1F 0001 'b'"),
  refuses('81', '[3.4.2.2] a property that does not belong to PUBACK', '40 06 0001 00 02 01 01'),
  refuses('81', '[3.4.2.2] bytes behind the properties of PUBACK', '40 05 0001 00 00 00'),
  // 3.8 to 3.11
  refuses('82', '[MQTT-3.8.3-2] SUBSCRIBE without a filter', '82 03 0001 00'),
  refuses('82', '[MQTT-2.2.1-3] SUBSCRIBE of packet identifier 0', "82 07 0000 00 0001 'p' 00"),
  refuses('82', '[3.8.3.1] requested QoS 3', `${longSubscribe} 03`),
  refuses('82', '[3.8.3.1] retain handling 3', `${longSubscribe} 30`),
  refuses('81', '[MQTT-3.8.3-5] reserved bits of the options', `${longSubscribe} 40`),
  refuses('82', '[MQTT-3.8.3-4] a shared subscription that is not local', "82 10 0001 00 000A '$share/g/p' 05"),
  refuses('82', '[3.8.2.1.2] subscription identifier 0', "82 09 0001 02 0B 00 0001 'p' 00"),
  refuses('82', '[3.8.2.1.2] two subscription identifiers', "82 0B 0001 04 0B 01 0B 02 0001 'p' 00"),
  refuses('81', '[MQTT-3.8.3-1] a filter that is not text', '82 07 0001 00 0001 FF 00'),
  refuses('81', '[MQTT-4.7.3-1] an empty filter', '82 06 0001 00 0000 00'),
  refuses('81', '[MQTT-4.7.1-1] # in the middle of a filter', "82 09 0001 00 0003 '#/a' 00"),
  refuses('81', '[MQTT-4.7.1-2] + beside other characters', "82 08 0001 00 0002 'a+' 00"),
  refuses('82', '[MQTT-3.10.3-2] UNSUBSCRIBE without a filter', 'A2 03 0001 00'),
  refuses('81', '[MQTT-3.10.3-1] UNSUBSCRIBE of a filter that is not text', 'A2 06 0001 00 0001 FF'),
  // 3.14: DISCONNECT
  refuses('', '[3.14] DISCONNECT, which is not answered', 'E0 00'),
  refuses('', '[3.14.2.1] DISCONNECT with a reason', 'E0 01 04'),
  refuses('', '[3.14.2.2.3] DISCONNECT with a reason string', "E0 06 80 04 1F 0001 'x'"),
  refuses('82', '[MQTT-3.14.2-1] DISCONNECT with a reason that only servers give', 'E0 01 8E'),
  refuses('82', '[3.14.2.2.2] a session that was to end is not to last', 'E0 07 00 05 11 00000001'),
  refuses('81', '[3.14.2.2] a property that does not belong to DISCONNECT', 'E0 04 00 02 01 01'),
  // 3.15: AUTH
  refuses('82', '[MQTT-4.12.0-7] AUTH where there was no method', "F0 06 18 04 15 0001 'm'"),
  refuses('82', '[MQTT-3.15.2-1] AUTH that says success', 'F0 00'),
  refuses('82', '[3.15.2.2.2] AUTH without a method', 'F0 02 18 00'),
];

export const refusedConnects: readonly Refused[] = [
  refuses('81', '[MQTT-3.1.2-3] the reserved flag', "10 0E 0004 'MQTT' 05 03 003C 00 0001 'p'"),
  refuses('81', '[MQTT-3.1.2-11] a QoS without a will', "10 0E 0004 'MQTT' 05 0A 003C 00 0001 'p'"),
  refuses('81', '[MQTT-3.1.2-12] a will of QoS 3', "10 15 0004 'MQTT' 05 1E 003C 00 0001 'p' 00 0001 'w' 0001 'x'"),
  refuses('81', '[MQTT-3.1.2-13] RETAIN without a will', "10 0E 0004 'MQTT' 05 22 003C 00 0001 'p'"),
  refuses('81', '[MQTT-3.1.2-9] a will that is missing', "10 0E 0004 'MQTT' 05 06 003C 00 0001 'p'"),
  refuses('81', '[MQTT-3.1.2-17] a user name that is missing', "10 0E 0004 'MQTT' 05 82 003C 00 0001 'p'"),
  refuses('81', '[MQTT-3.1.2-19] a password that is missing', "10 0E 0004 'MQTT' 05 42 003C 00 0001 'p'"),
  refuses(
    '81',
    '[MQTT-3.1.2-16] [MQTT-3.1.2-18] more than the flags say',
    "10 11 0004 'MQTT' 05 02 003C 00 0001 'p' 0001 'u'",
  ),
  refuses('81', '[MQTT-3.1.3-3] no client identifier', "10 0B 0004 'MQTT' 05 02 003C 00"),
  refuses('81', '[MQTT-3.1.3-4] a client identifier that is not text', "10 0E 0004 'MQTT' 05 02 003C 00 0001 FF"),
  refuses(
    '81',
    '[MQTT-3.1.3-11] a will topic that is not text',
    "10 15 0004 'MQTT' 05 06 003C 00 0001 'p' 00 0001 FF 0001 'x'",
  ),
  refuses('81', '[MQTT-3.1.3-12] a user name that is not text', "10 11 0004 'MQTT' 05 82 003C 00 0001 'p' 0001 FF"),
  refuses('82', '[3.1.2.11.3] receive maximum 0', "10 11 0004 'MQTT' 05 02 003C 03 21 0000 0001 'p'"),
  refuses('82', '[3.1.2.11.4] maximum packet size 0', "10 13 0004 'MQTT' 05 02 003C 05 27 00000000 0001 'p'"),
  refuses('82', '[3.1.2.11.6] request response information 2', "10 10 0004 'MQTT' 05 02 003C 02 19 02 0001 'p'"),
  refuses('82', '[3.1.2.11.7] request problem information 2', "10 10 0004 'MQTT' 05 02 003C 02 17 02 0001 'p'"),
  refuses(
    '82',
    '[3.1.2.11.10] authentication data without a method',
    "10 12 0004 'MQTT' 05 02 003C 04 16 0001 'x' 0001 'p'",
  ),
  refuses(
    '82',
    '[3.1.2.11.2] session expiry twice',
    "10 18 0004 'MQTT' 05 02 003C 0A 11 00000001 11 00000001 0001 'p'",
  ),
  refuses(
    '81',
    '[2.2.2.2] a property that does not belong to CONNECT',
    "10 10 0004 'MQTT' 05 02 003C 02 01 01 0001 'p'",
  ),
  refuses('8C', '[MQTT-4.12.0-1] a method that is not there', "10 12 0004 'MQTT' 05 02 003C 04 15 0001 'm' 0001 'p'"),
  refuses('84', '[MQTT-3.1.2-2] a version to come', "10 0E 0004 'MQTT' 06 02 003C 00 0001 'p'"),
  refuses('', '[MQTT-3.1.2-1] another protocol', "10 0E 0004 'MQTU' 05 02 003C 00 0001 'p'"),
  refuses('', '[MQTT-3.1.0-1] another packet than CONNECT', "82 07 0001 00 0001 'p' 00"),
];
