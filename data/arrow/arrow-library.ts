import { zstdDecompressSync } from 'node:zlib';
import { AppError } from '../../foundation/errors.ts';
import { decodeLz4Frame } from './lz4-frame.ts';

/** The library as it is imported. */
export type Arrow = typeof import('apache-arrow');

/** Imports the Arrow library, with decoders for packed buffers. It is an optional package: only Arrow files need it. */
export async function importArrow(): Promise<Arrow> {
  const library = await load();
  const { compressionRegistry, CompressionType } = library;
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => new Uint8Array(zstdDecompressSync(bytes)) });
  return library;
}

async function load(): Promise<Arrow> {
  try {
    return await import('apache-arrow');
  } catch (cause) {
    const message = 'Arrow and Feather files are read by a package that is not installed: npm install apache-arrow';
    throw new AppError('INTERNAL', message, { cause });
  }
}
