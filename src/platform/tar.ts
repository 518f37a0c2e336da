import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/*
 * A tar archive of files and folders alone, with names of up to 100 bytes.
 * Format: POSIX.1-1988 ustar, https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */
const blockBytes = 512;
const nameBytesMax = 100;
const fields = { mode: 100, size: 124, time: 136, checksum: 148, kind: 156, magic: 257 } as const;
const kinds = { file: "0", folder: "5" } as const;

/** The archive of all that is in a folder, a folder before what is in it. */
export function archiveOf(folder: string): Buffer {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = entries.flatMap(({ path, isFolder }) => {
    const bytes = isFolder ? Buffer.alloc(0) : readFileSync(path);
    const padding = Buffer.alloc(blocksOf(bytes.length) * blockBytes - bytes.length);
    return [headerOf(relative(folder, path), isFolder ? null : bytes.length), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

/**
 * Writes what is in an archive into a folder, for its owner alone.
 *
 * @throws Error when it is damaged, leads out of the folder, or something is there already
 */
export function unpackArchive(archive: Buffer, folder: string): void {
  // A block of zeros is the end.
  for (let at = 0; archive[at] !== 0;) {
    const field = (from: number, bytes: number): string =>
      archive.toString("latin1", at + from, at + from + bytes).replace(/[\0 ].*$/s, "");
    const name = field(0, nameBytesMax);
    const isFolder = field(fields.kind, 1) === kinds.folder;
    const size = Number.parseInt(field(fields.size, 12), 8);
    const from = at + blockBytes;
    if (!/^[\w-][\w./-]*$/.test(name) || name.includes("..") || !(from + size < archive.length)) {
      throw new Error(`the archive is damaged at byte ${at}`);
    }
    const path = join(folder, name);
    if (isFolder) mkdirSync(path, { mode: 0o700 });
    else writeFileSync(path, archive.subarray(from, from + size), { mode: 0o600, flag: "wx" });
    at = from + blocksOf(size) * blockBytes;
  }
}

/** @param size null = a folder */
function headerOf(name: string, size: number | null): Buffer {
  if (Buffer.byteLength(name) > nameBytesMax) throw new Error(`${name} is too long for an archive`);
  const header = Buffer.alloc(blockBytes);
  header.write(name);
  header.write(size === null ? "0000700\0" : "0000600\0", fields.mode);
  header.write(`${(size ?? 0).toString(8).padStart(11, "0")}\0`, fields.size);
  header.write(`${"0".repeat(11)}\0`, fields.time);
  header.write(size === null ? kinds.folder : kinds.file, fields.kind);
  header.write("ustar\u000000", fields.magic);
  // The sum of all bytes, as if its own place were spaces.
  header.write(" ".repeat(8), fields.checksum);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, fields.checksum);
  return header;
}

function blocksOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes);
}
