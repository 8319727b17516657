export const text = (decoder: TextDecoder, bytes: Uint8Array) => decoder.decode(bytes);
