/**
 * SHA-256 (FIPS 180-4) of a text of ASCII characters, as lower-case hex. Browsers have a built-in one only
 * on https and loopback, and a sandbox also serves phones on the local network by plain http.
 */
export function sha256(ascii: string): string {
  const words = padded(ascii)
  const state = new Uint32Array(initial)
  const schedule = new Uint32Array(64)
  for (let block = 0; block < words.length; block += 16) {
    for (let i = 0; i < 64; i++) schedule[i] = i < 16 ? at(words, block + i) : expanded(schedule, i)
    compress(state, schedule)
  }
  let hex = ''
  for (let i = 0; i < 8; i++) hex += `0000000${at(state, i).toString(16)}`.slice(-8)
  return hex
}

const primes = firstPrimes(64)
const initial = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const constants = primes.map((prime) => fraction(Math.pow(prime, 1 / 3)))

function compress(state: Uint32Array, schedule: Uint32Array): void {
  let a = at(state, 0),
    b = at(state, 1),
    c = at(state, 2),
    d = at(state, 3)
  let e = at(state, 4),
    f = at(state, 5),
    g = at(state, 6),
    h = at(state, 7)
  for (let i = 0; i < 64; i++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const t1 = (h + sum1 + choice + (constants[i] ?? 0) + at(schedule, i)) | 0
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + sum0 + majority) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (at(state, i) + value) | 0))
}

function expanded(schedule: Uint32Array, i: number): number {
  const w15 = at(schedule, i - 15)
  const w2 = at(schedule, i - 2)
  const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3)
  const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10)
  return (at(schedule, i - 16) + s0 + at(schedule, i - 7) + s1) | 0
}

/** The text as big-endian words with its padding: a one bit, zeros, and its length in bits. */
function padded(ascii: string): Uint32Array {
  const words = new Uint32Array((((ascii.length + 8) >> 6) + 1) * 16)
  for (let i = 0; i <= ascii.length; i++) {
    const byte = i < ascii.length ? ascii.charCodeAt(i) : 0x80
    words[i >> 2] = at(words, i >> 2) | (byte << (24 - 8 * (i & 3)))
  }
  words[words.length - 1] = ascii.length * 8
  return words
}

function at(words: Uint32Array, i: number): number {
  return words[i] ?? 0
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** The first 32 bits after the point: what the constants of SHA-256 are made of. */
function fraction(value: number): number {
  return ((value - Math.floor(value)) * 0x1_0000_0000) >>> 0
}

function firstPrimes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
