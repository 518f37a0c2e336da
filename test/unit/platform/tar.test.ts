import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test, { type ExecutionContext } from "ava";

import { archiveOf, unpackArchive } from "../../../src/platform/tar.ts";

/** A folder of its own, with what a cluster has: empty folders and files, and files that fill their blocks. */
function folderOf(t: ExecutionContext): { readonly source: string; readonly target: string } {
  const folder = mkdtempSync(join(tmpdir(), "quota-tar-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const [source, target] = [join(folder, "source"), join(folder, "target")];
  mkdirSync(join(source, "base", "1"), { recursive: true });
  mkdirSync(join(source, "pg_notify"));
  mkdirSync(target);
  writeFileSync(join(source, "base", "1", "2_fsm"), Buffer.alloc(1_024, 7));
  writeFileSync(join(source, "base", "empty"), "");
  writeFileSync(join(source, "PG_VERSION"), "17\n");
  return { source, target };
}

function contentOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const isFolder = readdirSync(folder, { recursive: true, withFileTypes: true }).some(
        (entry) => entry.isDirectory() && join(entry.parentPath, entry.name) === join(folder, name),
      );
      return [name, isFolder ? "folder" : readFileSync(join(folder, name), "hex")];
    }),
  );
}

test("what is packed is unpacked", (t) => {
  const { source, target } = folderOf(t);

  unpackArchive(archiveOf(source), target);

  t.deepEqual(contentOf(target), contentOf(source));
});

test("another program reads it, and is read", (t) => {
  const { source, target } = folderOf(t);

  const listed = execFileSync("tar", ["-tf", "-"], { input: archiveOf(source), encoding: "utf8" });
  unpackArchive(execFileSync("tar", ["--format=ustar", "-cf", "-", "-C", source, "base"]), target);

  t.deepEqual(listed.trimEnd().split("\n"), [
    "PG_VERSION",
    "base",
    "base/1",
    "base/1/2_fsm",
    "base/empty",
    "pg_notify",
  ]);
  t.is(contentOf(target)["base/1/2_fsm"], "07".repeat(1_024));
});

test("an archive that is cut or leads elsewhere is refused, and nothing is written over", (t) => {
  const { source, target } = folderOf(t);
  const archive = archiveOf(source);
  const outside = Buffer.from(archive);
  outside.write("../escaped\0");

  t.throws(
    () => {
      unpackArchive(archive.subarray(0, 1_024), target);
    },
    { message: "the archive is damaged at byte 1024" },
  );
  t.throws(
    () => {
      unpackArchive(outside, target);
    },
    { message: "the archive is damaged at byte 0" },
  );
  t.throws(
    () => {
      unpackArchive(archive, target);
    },
    { code: "EEXIST" },
  );
});
