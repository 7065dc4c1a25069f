/** The messages of document 1's `Greeter`; the wire is that of any proto3 service of these numbers. */
import protobuf from "protobufjs"

export const sayHello = "greet.Greeter/SayHello"

const { root } = protobuf.parse(
  `syntax = "proto3";
package greet;
message HelloRequest { string name = 1; }
message HelloReply { string message = 1; }`,
)

/** Absent fields are empty texts, as proto3 has it. */
const codec = <T extends object>(name: string, shape: (plain: Record<string, unknown>) => T) => {
  const type = root.lookupType(`greet.${name}`)
  return {
    write: (message: T): Buffer => Buffer.from(type.encode(type.create(message)).finish()),
    read: (bytes: Uint8Array): T => shape(type.toObject(type.decode(bytes), { defaults: true })),
  }
}

export const helloRequest = codec("HelloRequest", ({ name }) => ({ name: String(name) }))
export const helloReply = codec("HelloReply", ({ message }) => ({ message: String(message) }))
export type HelloRequest = ReturnType<typeof helloRequest.read>
export type HelloReply = ReturnType<typeof helloReply.read>
