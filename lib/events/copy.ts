import type { EventRow } from "./row.ts"

/** The order in which `encodeRows` writes; the COPY statements name it. */
export const copyColumns =
  "ts, received_at, id, duration_ms, source, client, audience, provider, scopes, reason, grant_type, resource, agent, kid, secret, purpose, " +
  "expires_in, event, result, token_type, flags, ip, trace_id, jti, user_id, given_id, inline, extra"
const columnCount = 28
/** Postgres counts microseconds from 2000-01-01 (PostgreSQL 18, 54.2 COPY, binary format). */
const epoch2000Us = 946_684_800_000_000
const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1")

/** Rows in the binary COPY format, one buffer. Written by hand: it is the hot loop of ingestion. */
export function encodeRows(rows: readonly EventRow[], receivedUs: number): Buffer {
  const out = new Writer(rows.length * 420 + 64)
  out.raw(signature)
  for (const row of rows) {
    const { line } = row
    out.room(600)
    out.int16(columnCount)
    out.timestamp(row.ts)
    out.timestamp(receivedUs)
    out.uuid(row.id)
    out.float8(line.durationMs)
    for (const id of row.dims) out.nullableInt(id)
    out.nullableInt(line.expiresIn)
    out.smallint(line.event)
    out.smallint(line.result)
    out.smallint(line.tokenType)
    out.smallint(line.flags)
    out.inet(line.ip)
    out.text(line.traceId)
    out.text(line.jti)
    out.text(line.userId)
    out.text(line.givenId)
    out.jsonb(row.inline)
    out.jsonb(line.extra)
  }
  out.room(2)
  out.int16(-1)
  return out.done()
}

class Writer {
  private buffer: Buffer
  private view: DataView
  private at = 0
  constructor(size: number) {
    this.buffer = Buffer.allocUnsafeSlow(size)
    this.view = new DataView(this.buffer.buffer)
  }
  room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes))
    this.buffer.copy(larger, 0, 0, this.at)
    this.buffer = larger
    this.view = new DataView(larger.buffer)
  }
  done(): Buffer {
    return this.buffer.subarray(0, this.at)
  }
  raw(bytes: Buffer): void {
    this.room(bytes.length)
    this.at += bytes.copy(this.buffer, this.at)
  }
  int16(value: number): void {
    this.view.setInt16(this.at, value)
    this.at += 2
  }
  private int32(value: number): void {
    this.view.setInt32(this.at, value)
    this.at += 4
  }
  timestamp(us: number): void {
    const value = us - epoch2000Us
    const high = Math.floor(value / 4_294_967_296)
    this.int32(8)
    this.int32(high)
    this.view.setUint32(this.at, value - high * 4_294_967_296)
    this.at += 4
  }
  uuid(hex: string): void {
    this.int32(16)
    for (let i = 0; i < 32; i += 8) this.int32((hexDigits(hex, i) << 16) | hexDigits(hex, i + 4))
  }
  float8(value: number | null): void {
    if (value === null) return this.int32(-1)
    this.int32(8)
    this.view.setFloat64(this.at, value)
    this.at += 8
  }
  nullableInt(value: number | null): void {
    if (value === null) return this.int32(-1)
    this.int32(4)
    this.int32(value)
  }
  smallint(value: number | null): void {
    if (value === null) return this.int32(-1)
    this.int32(2)
    this.int16(value)
  }
  /** Family, prefix length, is it a CIDR, number of bytes, the bytes. */
  inet(address: string | null): void {
    if (address === null) return this.int32(-1)
    const bytes = address.includes(":") ? ipv6(address) : ipv4(address)
    this.int32(4 + bytes.length)
    this.int32(((bytes.length === 4 ? 2 : 3) << 24) | ((bytes.length * 8) << 16) | bytes.length)
    for (const byte of bytes) this.buffer[this.at++] = byte
  }
  text(value: string | null): void {
    if (value === null) return this.int32(-1)
    const lengthAt = this.at
    this.at += 4
    this.characters(value)
    this.view.setInt32(lengthAt, this.at - lengthAt - 4)
  }
  /** Version byte 1, then the text. */
  jsonb(json: string | null): void {
    if (json === null) return this.int32(-1)
    this.room(json.length * 3 + 64)
    const lengthAt = this.at
    this.buffer[lengthAt + 4] = 1
    this.at += 5
    this.characters(json)
    this.view.setInt32(lengthAt, this.at - lengthAt - 4)
  }
  /** UTF-8. A short text that is ASCII is copied here: a call out of JavaScript costs more than its bytes. */
  private characters(value: string): void {
    this.room(value.length * 3 + 64)
    if (value.length <= shortText) {
      const { buffer, at } = this
      let i = 0
      for (; i < value.length; i++) {
        const c = value.charCodeAt(i)
        if (c > 127) break
        buffer[at + i] = c
      }
      if (i === value.length) {
        this.at += i
        return
      }
    }
    this.at += this.buffer.write(value, this.at, "utf8")
    this.room(64)
  }
}

const shortText = 48

/** Four hexadecimal digits of lower case. */
function hexDigits(hex: string, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const c = hex.charCodeAt(i)
    value = (value << 4) | (c < 58 ? c - 48 : c - 87)
  }
  return value
}

function ipv4(address: string): number[] {
  const bytes = [0, 0, 0, 0]
  let part = 0
  for (let i = 0; i < address.length; i++) {
    const c = address.charCodeAt(i)
    if (c === 46) part++
    else bytes[part] = (bytes[part] ?? 0) * 10 + c - 48
  }
  return bytes
}

/** RFC 4291 section 2.2; the caller knows that it is valid. */
function ipv6(address: string): number[] {
  const embedded = address.includes(".") ? address.slice(address.lastIndexOf(":") + 1) : null
  const tail = embedded ? ipv4(embedded) : []
  const text = embedded ? address.slice(0, address.lastIndexOf(":") + 1) : address
  const [left = "", right] = text.split("::")
  const words = (part: string) =>
    part
      .split(":")
      .filter(Boolean)
      .flatMap((w) => [parseInt(w, 16) >> 8, parseInt(w, 16) & 255])
  const head = words(left)
  const rest = right === undefined ? tail : [...words(right), ...tail]
  return [...head, ...new Array<number>(16 - head.length - rest.length).fill(0), ...rest]
}
