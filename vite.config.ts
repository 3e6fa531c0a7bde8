// What is built, and from what: the console's page (out/renderer), the engine for packages (out/engine), the desktop
// shell (out/main) and its preload script (out/preload). `vite` alone serves the page to whoever works on it; `vite
// build --app` builds everything. Engine and tests run from source: of all this they need the page only.
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

const engineOrigin = 'http://127.0.0.1:8161';
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Code for Node 24, within Electron or without. Packages are not bundled: they are installed beside it. */
function nodeBuild(outDir: string, input: Record<string, string>, format: 'es' | 'cjs' = 'es'): EnvironmentOptions {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  return {
    consumer: 'server',
    resolve: { external: true },
    build: {
      outDir: at(outDir),
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input,
        external: ['electron'],
        output: { format, entryFileNames: `[name].${extension}`, chunkFileNames: `[name]-[hash].${extension}` },
      },
    },
  };
}

/**
 * Keeps `new URL('…', import.meta.url)` pointing at the same thing once its module is bundled. A TypeScript file (the
 * store's thread) becomes an entry of its own, named for its path; anything else keeps its place relative to out/.
 */
function moduleUrls(): Plugin {
  const engine = at('broker');
  return {
    name: 'module-urls',
    apply: 'build',
    applyToEnvironment: (environment) => environment.config.consumer === 'server',
    transform: {
      filter: { id: /\.ts$/, code: /new URL\([^)]*import\.meta\.url/ },
      handler(code, id) {
        const moved = code.replaceAll(
          /new URL\(\s*(['"])(\.{1,2}\/[^'"]*)\1\s*,\s*import\.meta\.url\s*\)/g,
          (_match, _quote, path: string) => {
            const target = resolve(dirname(id), path);
            if (!path.endsWith('.ts')) {
              const slash = path.endsWith('/') ? '/' : '';
              return `new URL('${relative(this.environment.config.build.outDir, target)}${slash}', import.meta.url)`;
            }
            const fileName = relative(engine, target).replaceAll(/[/\\]/g, '-').replace(/\.ts$/, '.js');
            this.emitFile({ type: 'chunk', id: target, fileName });
            return `new URL('./${fileName}', import.meta.url)`;
          },
        );
        return { code: moved, map: null }; // lines stay where they are
      },
    },
  };
}

export default defineConfig({
  root: at('renderer'),
  base: './',
  cacheDir: at('node_modules/.vite'),
  plugins: [react(), moduleUrls()],
  environments: {
    client: {
      build: {
        outDir: at('out/renderer'),
        emptyOutDir: true,
        target: 'es2024',
        chunkSizeWarningLimit: 1000, // served on loopback
      },
    },
    engine: nodeBuild('out/engine', { cli: at('broker/cli.ts'), process: at('broker/process.ts') }),
    main: nodeBuild('out/main', { index: at('main/index.ts') }),
    preload: nodeBuild('out/preload', { preload: at('main/preload.ts') }, 'cjs'),
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'ssr') await builder.build(environment);
      }
    },
  },
  server: {
    // `npm run dev` shows the page as its sources are, with an engine that runs already.
    proxy: { '/api': { target: engineOrigin, ws: true }, '/health': engineOrigin },
  },
});
