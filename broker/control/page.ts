// The console's page: the built files of renderer/, read once at start and served from memory, so that no request
// ever names a path of the disk.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** Where the build puts what has a hash of its content in its name. */
const hashedPrefix = '/assets/';

const notBuilt = 'The console page is not built. Run: npm run build\n';

interface File {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

export class Page {
  readonly #files: ReadonlyMap<string, File>;

  private constructor(files: ReadonlyMap<string, File>) {
    this.#files = files;
  }

  /** Reads the directory. One that is not there gives a page that says how to build it. */
  static async load(directory: string): Promise<Page> {
    const files = new Map<string, File>();
    for (const path of await filesUnder(directory)) {
      const type = types[extname(path)];
      if (type === undefined) continue;
      const body = await readFile(path);
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
      files.set(`/${relative(directory, path).split(sep).join('/')}`, { body, type, etag });
    }
    return new Page(files);
  }

  /** Answers GET and HEAD of a path of the page. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#files.get(path === '/' ? '/index.html' : path);
    if (file === undefined) {
      const missing = path === '/' ? notBuilt : 'Not found\n';
      response.writeHead(path === '/' ? 503 : 404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(request.method === 'HEAD' ? undefined : missing);
      return;
    }
    const cacheControl = path.startsWith(hashedPrefix) ? 'public, max-age=31536000, immutable' : 'no-cache';
    const headers = { 'cache-control': cacheControl, etag: file.etag };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-type': file.type, 'content-length': file.body.length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }
}

async function filesUnder(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
