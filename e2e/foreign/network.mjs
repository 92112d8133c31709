// Publishes an Avro command that creates a network, and reads its events and its state, with
// kafkajs and the Confluent schema registry client for it.
// Usage: node network.mjs <bootstrap servers> <registry URL> <namespace> <name>
import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { Kafka, logLevel } from "kafkajs";

const [brokers, host, namespace, name] = process.argv.slice(2);
const key = `${namespace}/${name}`;
const kafka = new Kafka({ clientId: "foreign", brokers: brokers.split(","), logLevel: logLevel.ERROR });
const registry = new SchemaRegistry({ host });

const consumer = kafka.consumer({ groupId: `foreign-${Date.now()}`, readUncommitted: false });
await consumer.connect();
await consumer.subscribe({
  topics: ["openkcm.network.events.v1", "openkcm.network.state.v1", "openkcm.network.results.v1"],
  fromBeginning: true,
});
const seen = { events: [], results: [], state: null };
const settled = new Promise((resolve) => {
  consumer.run({
    eachMessage: async ({ topic, message }) => {
      if (message.key?.toString() !== key) return;
      const value = message.value && (await registry.decode(message.value));
      if (topic.includes(".events.")) {
        const type = message.headers.ce_type.toString().split(".").at(-2);
        seen.events.push({ sequence: Number(value.sequence), type, causedBy: value.causedBy });
      } else if (topic.includes(".results.")) {
        seen.results.push({ commandId: value.commandId, outcome: value.outcome });
      } else {
        seen.state = { state: value.status.state, providerID: value.spec.providerID };
      }
      if (seen.state?.state === "Available" && seen.results.length && seen.events.length >= 2) resolve();
    },
  });
});

const producer = kafka.producer();
await producer.connect();
const id = await registry.getLatestSchemaId("openkcm.network.commands.v1-value");
const command = {
  commandId: "foreign-1",
  expectedResourceVersion: null,
  dryRun: false,
  actor: "kafkajs",
  action: {
    "dev.openkcm.networking.schemas.network.v1.ApplyNetwork": {
      labels: { from: "kafkajs" },
      annotations: {},
      spec: { peerings: [], incomingPeerings: [], providerID: null },
    },
  },
};
await producer.send({
  topic: "openkcm.network.commands.v1",
  messages: [{ key, value: await registry.encode(id, command) }],
});
await settled;
console.log(JSON.stringify(seen));
await producer.disconnect();
await consumer.disconnect();
