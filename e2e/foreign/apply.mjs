// Publishes the Avro command that applies each manifest of a JSON list read from stdin.
// Usage: node apply.mjs <bootstrap servers> <registry URL>
import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { Kafka, logLevel } from "kafkajs";
import { readFileSync } from "node:fs";

const [brokers, host] = process.argv.slice(2);
const manifests = JSON.parse(readFileSync(0, "utf8"));
const kafka = new Kafka({ clientId: "foreign", brokers: brokers.split(","), logLevel: logLevel.ERROR });
const registry = new SchemaRegistry({ host });

const entity = (kind) => kind.replace("IP", "Ip").replace("NAT", "Nat").replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase();
const producer = kafka.producer();
await producer.connect();
for (const { kind, metadata, spec } of manifests) {
  const topic = `openkcm.${entity(kind)}.commands.v1`;
  const id = await registry.getLatestSchemaId(`${topic}-value`);
  const { schema } = await registry.getSchema(id).then((type) => ({ schema: type }));
  const namespace = schema.name.slice(0, schema.name.lastIndexOf("."));
  const action = { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {}, spec };
  const command = { commandId: `avro-${kind}-${metadata.name}`, action: { [`${namespace}.Apply${kind}`]: action } };
  await producer.send({
    topic,
    messages: [{ key: `${metadata.namespace}/${metadata.name}`, value: await registry.encode(id, command) }],
  });
}
await producer.disconnect();
