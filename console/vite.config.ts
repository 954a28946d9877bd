/** How the console is bundled: into dist/console, under the path at which the broker serves it, without anything inline. */
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  // React's JSX needs no plugin: the bundler compiles it, and nothing is reloaded in place here.
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    // A data: URL or an inline script would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
