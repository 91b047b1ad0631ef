// node web/scripts/embed.mjs OUT_DIR: builds the dashboard into OUT_DIR/dist and writes OUT_DIR/web_assets.bin,
// every file once as it is and, where that is smaller, once more compressed, and OUT_DIR/web_assets.cpp, the
// table of what lies where (src/api/web_assets.h). Called by CMake; the program carries both.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const web = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2]);
const dist = join(out, 'dist');

if (!existsSync(join(web, 'node_modules/vite'))) {
  console.error('web: npm packages are missing; scripts/setup.sh installs them');
  process.exit(1);
}
process.chdir(web);
const { build } = await import('vite');
await build({ logLevel: 'warn', build: { outDir: dist } });

const files = readdirSync(dist, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && extname(entry.name) in types)
  .map((entry) => join(entry.path ?? entry.parentPath, entry.name))
  .sort();

const pieces = [];
let size = 0;
function place(bytes) {
  const at = { offset: size, length: bytes.length };
  pieces.push(bytes);
  size += bytes.length;
  return at;
}

const rows = files.map((file) => {
  const bytes = readFileSync(file);
  const path = `/${relative(dist, file)}`;
  const small = gzipSync(bytes, { level: 9 });
  const plain = place(bytes);
  // The page itself is filled in by the engine, so it is never sent as compressed here.
  const zipped =
    path !== '/index.html' && small.length < bytes.length ? place(small) : { offset: 0, length: 0 };
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
  const type = types[extname(file)];
  return `    {"${path}", "${type}", "${etag}", Piece(${plain.offset}, ${plain.length}), Piece(${zipped.offset}, ${zipped.length})},`;
});

const blob = join(out, 'web_assets.bin');
writeFileSync(blob, Buffer.concat(pieces));
writeFileSync(
  join(out, 'web_assets.cpp'),
  `// Written by web/scripts/embed.mjs.
#include "api/web_assets.h"

__asm__(".section .rodata\\n"
        ".globl citadel_web_bytes\\n"
        "citadel_web_bytes:\\n"
        ".incbin \\"${blob}\\"\\n"
        ".text\\n");
extern "C" const char citadel_web_bytes[];

namespace citadel::api {
namespace {

std::string_view Piece(std::size_t offset, std::size_t length) { return {citadel_web_bytes + offset, length}; }

const WebAsset kAssets[] = {
${rows.join('\n')}
};

}  // namespace

std::span<const WebAsset> WebAssets() { return kAssets; }

}  // namespace citadel::api
`,
);
