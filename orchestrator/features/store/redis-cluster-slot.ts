/** Into so many slots a cluster parts all keys. */
export const SLOTS = 16_384;

/** CRC-16 of each byte: polynomial 0x1021, nothing reflected (XMODEM; 0x31C3 of "123456789"). */
const CRC = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/**
 * The slot of a key, as the servers have it (Redis Cluster specification, "Key distribution model"): of a key with
 * braces, what the first pair holds counts alone, unless that is nothing.
 */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  if (open < 0) return slotOfPart(key, 0, key.length);
  const close = key.indexOf('}', open + 1);
  return close > open + 1 ? slotOfPart(key, open + 1, close) : slotOfPart(key, 0, key.length);
}

function slotOfPart(key: string, from: number, to: number): number {
  let crc = 0;
  for (let at = from; at < to; at++) {
    const unit = key.charCodeAt(at);
    // Beyond ASCII a character is several bytes, which nearly no key has.
    if (unit > 0x7f) return slotOfBytes(Buffer.from(key.slice(from, to)));
    crc = ((crc << 8) & 0xffff) ^ CRC[(crc >> 8) ^ unit];
  }
  return crc % SLOTS;
}

function slotOfBytes(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ CRC[(crc >> 8) ^ byte];
  return crc % SLOTS;
}
