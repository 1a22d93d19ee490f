import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `base: './'` and hash routes: the app works wherever it is mounted, also behind a proxy's prefix.
export default defineConfig({
  plugins: [svelte()],
  base: './',
  resolve: {
    alias: { $: here('./src') },
    ...(process.env['VITEST'] ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: process.env['GOLDLEAF_WEB_OUT'] ?? here('../src/goldleaf/web/static'),
    emptyOutDir: true,
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    // The policy allows no data: fonts or scripts; small files stay files.
    assetsInlineLimit: 0,
    rolldownOptions: { checks: { pluginTimings: false } },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    proxy: { '/api': process.env['GOLDLEAF_SERVER'] ?? 'http://127.0.0.1:8765' },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
