// Built by CMake into build/<preset>/web (see cmake/EmbedWeb.cmake); `npm run dev` serves the sources and
// passes the API on to an engine at CITADEL_DEV_API.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const engine = process.env.CITADEL_DEV_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    outDir: process.env.CITADEL_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    // Everything is a file of its own with a hash in its name: no data: URL that a strict policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    manifest: 'manifest.json',
  },
  server: { proxy: { '/api': engine, '/dev': engine } },
});
