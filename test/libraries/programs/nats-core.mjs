export { default } from './nats-steps.mjs';

export const packages = ['@nats-io/transport-node'];
