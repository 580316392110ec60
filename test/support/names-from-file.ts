/** Preload that resolves the names of `host-names.ts` if mount namespaces are not available. */
import dns from 'node:dns';
import { addressIn } from './host-names.ts';

const file = process.env['NAMES_FILE'] ?? '';

Object.assign(dns.promises, {
  lookup: async (name: string) => {
    const address = addressIn(file, name);
    if (address === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}`);
    return { address, family: 4 };
  },
});
