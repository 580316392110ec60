/**
 * Measures a query of mongoose.
 *
 *   mongoose.cjs otel-xray|instrumentation|untraced
 */
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { MongooseInstrumentation } = require('@opentelemetry/instrumentation-mongoose');
  registerInstrumentations({ instrumentations: [new MongooseInstrumentation()] });
}
const mongoose = require('mongoose');
const { measure } = require('./measure.cjs');

async function main() {
  const { startMongoServer } = await import('./.cache/mongo-server.mjs');
  const server = await startMongoServer();
  const options = { autoIndex: false, autoCreate: false };
  await mongoose.connect(`mongodb://127.0.0.1:${server.address().port}/shop`, options);
  const Order = mongoose.model('Order', new mongoose.Schema({ _id: String }));
  await Order.findOne({ _id: 'a' });
  // Driver and server take fifty times as long as mongoose itself.
  Order.collection.findOne = async () => null;
  measure(() => Order.findOne({ _id: 'a' }).lean().exec());
}

main();
