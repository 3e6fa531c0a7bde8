// A JSON text, token by token, with the errors and positions of the parser that AWS reads policies with (Jackson): its
// position stands behind what it has looked at, a string is read to its end only when it is asked for, and a field name
// comes with a look at its value.

export type Token =
  | 'start-object'
  | 'end-object'
  | 'start-array'
  | 'end-array'
  | 'field'
  | 'string'
  | 'integer'
  | 'float'
  | 'true'
  | 'false'
  | 'null'
  | 'end';

export class JsonSyntaxError extends Error {}

const deepest = 1000;
const validValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const numberPattern = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const wordPattern = /[\p{L}\p{N}_$]+/uy;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export class JsonTokens {
  readonly #text: string;
  #at = 0;
  #token: Token = 'end';
  /** Of the token; undefined for a string that was not read yet. */
  #value: string | undefined = '';
  /** The value whose beginning was looked at with its field's name. */
  #ahead: { readonly token: Token; readonly value: string | undefined } | undefined;
  readonly #open: { readonly kind: 'Object' | 'Array'; readonly at: number; filled: boolean }[] = [];
  #started = false;

  constructor(text: string) {
    this.#text = text;
  }

  get token(): Token {
    return this.#token;
  }

  /** ` at [Source: …; line: 1, column: 12]`, of the position now. */
  get location(): string {
    return locationOf(this.#text, this.#at);
  }

  /** @throws JsonSyntaxError, with its location. */
  next(): Token {
    this.#value ??= this.#readString('was expecting closing quote for a string value');
    if (this.#ahead !== undefined) {
      ({ token: this.#token, value: this.#value } = this.#ahead);
      this.#ahead = undefined;
      return this.#token;
    }
    this.#step();
    return this.#token;
  }

  /** What the token is in the text: of a string, its value. */
  text(): string {
    this.#value ??= this.#readString('was expecting closing quote for a string value');
    return this.#value;
  }

  #step(): void {
    this.#skipSpace();
    const container = this.#open.at(-1);
    const char = this.#text[this.#at];
    if (container === undefined) {
      if (char === undefined) {
        if (!this.#started) this.#fail('No content to map due to end-of-input');
        this.#set('end', '');
        return;
      }
      this.#started = true;
      this.#readValue();
      return;
    }
    if (char === undefined) this.#failAtEnd(container);
    if (char === (container.kind === 'Object' ? '}' : ']')) {
      this.#at++;
      this.#open.pop();
      this.#set(container.kind === 'Object' ? 'end-object' : 'end-array', char);
      return;
    }
    if (container.filled) {
      if (char !== ',') this.#unexpected(`was expecting comma to separate ${container.kind} entries`);
      this.#at++;
      this.#skipSpace();
      if (this.#at >= this.#text.length) this.#failAtEnd(container);
    }
    container.filled = true;
    if (container.kind === 'Array') this.#readValue();
    else this.#readField();
  }

  #readField(): void {
    if (this.#text[this.#at] !== '"') this.#unexpected('was expecting double-quote to start field name');
    this.#at++;
    const name = this.#readString('in field name');
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') this.#unexpected('was expecting a colon to separate field name and value');
    this.#at++;
    this.#skipSpace();
    this.#readValue();
    this.#ahead = { token: this.#token, value: this.#value };
    this.#set('field', name);
  }

  #readValue(): void {
    const char = this.#text[this.#at];
    if (char === '"') {
      this.#at++;
      this.#set('string', undefined);
    } else if (char === '{' || char === '[') {
      this.#enter(char);
    } else if (char === undefined) {
      this.#fail('Unexpected end-of-input within/between Object entries');
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      this.#readNumber();
    } else {
      this.#readWord();
    }
  }

  #enter(char: '{' | '['): void {
    const kind = char === '{' ? 'Object' : 'Array';
    this.#open.push({ kind, at: this.#at, filled: false });
    this.#at++;
    if (this.#open.length > deepest) {
      this.#fail(
        `Document nesting depth (${this.#open.length}) exceeds the maximum allowed (${deepest}, from ` +
          '`StreamReadConstraints.getMaxNestingDepth()`)',
      );
    }
    this.#set(char === '{' ? 'start-object' : 'start-array', char);
  }

  #readNumber(): void {
    numberPattern.lastIndex = this.#at;
    const found = numberPattern.exec(this.#text);
    if (found === null) this.#unexpected(`expected digit (0-9) to follow minus sign, for valid numeric value`);
    const [text, fraction, exponent] = found;
    const after = this.#text[this.#at + text.length] ?? '';
    this.#at += text.length;
    if (/[\w.]/.test(after)) this.#unexpected('Expected space separating root-level values');
    this.#set(fraction === undefined && exponent === undefined ? 'integer' : 'float', text);
  }

  #readWord(): void {
    wordPattern.lastIndex = this.#at;
    const word = wordPattern.exec(this.#text)?.[0];
    if (word === undefined) this.#unexpected(`expected a valid value ${validValue}`);
    this.#at += word.length;
    if (word !== 'true' && word !== 'false' && word !== 'null') {
      this.#fail(`Unrecognized token '${word.slice(0, 256)}': was expecting ${validValue}`);
    }
    this.#set(word, word);
  }

  /** From behind the opening quote to behind the closing one. */
  #readString(atEnd: string): string {
    let value = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        this.#fail(atEnd.startsWith('in ') ? `Unexpected end-of-input ${atEnd}` : `Unexpected end-of-input: ${atEnd}`);
      }
      if (char === '"') {
        this.#at++;
        return value;
      }
      if (char === '\\') {
        value += this.#readEscape();
      } else if (char < ' ') {
        this.#at++;
        this.#fail(
          `Illegal unquoted character ((CTRL-CHAR, code ${char.charCodeAt(0)})): has to be escaped using backslash to ` +
            'be included in string value',
        );
      } else {
        value += char;
        this.#at++;
      }
    }
  }

  #readEscape(): string {
    const char = this.#text[this.#at + 1];
    this.#at += 2;
    if (char === 'u') {
      const hex = this.#text.slice(this.#at, this.#at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) {
        this.#unexpected('expected a hex-digit for character escape sequence');
      }
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const value = char === undefined ? undefined : escapes[char];
    if (value === undefined) this.#fail(`Unrecognized character escape ${describe(char ?? '')}`);
    return value;
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #set(token: Token, value: string | undefined): void {
    this.#token = token;
    this.#value = value;
  }

  #unexpected(expected: string): never {
    const char = this.#text[this.#at];
    if (char === undefined) this.#fail(`Unexpected end-of-input: ${expected}`);
    // The parser says where the character is, not where it is behind it.
    this.#fail(`Unexpected character (${describe(char)}): ${expected}`);
  }

  #failAtEnd({ kind, at }: { readonly kind: 'Object' | 'Array'; readonly at: number }): never {
    const marker = locationOf(this.#text, at).slice(' at '.length);
    this.#fail(`Unexpected end-of-input: expected close marker for ${kind} (start marker at ${marker})`);
  }

  #fail(message: string): never {
    throw new JsonSyntaxError(`${message}\n${this.location}`);
  }
}

function describe(char: string): string {
  return `'${char}' (code ${char.codePointAt(0) ?? 0})`;
}

function locationOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1) + 1;
  return ` at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${line}, column: ${column}]`;
}
