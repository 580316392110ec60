/** Icons (16 × 16) of nodes without numbers, and labels of node types. */
const KINDS: readonly { readonly of: RegExp; readonly label: string; readonly icon: string }[] = [
  {
    of: /^client$/,
    label: 'Client',
    icon: 'M8 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6Zm-6 12c0-3.3 2.7-5 6-5s6 1.7 6 5Z',
  },
  {
    of: /^Database::|DynamoDB|RDS/,
    label: 'Database',
    icon: 'M8 1.5c3.3 0 6 1 6 2.3v8.4c0 1.3-2.7 2.3-6 2.3s-6-1-6-2.3V3.8c0-1.3 2.7-2.3 6-2.3Zm0 1.3c-2.8 0-4.6.7-4.6 1S5.200 4.800 8 4.800s4.600-.7 4.600-1-1.800-1-4.600-1Z',
  },
  {
    of: /SQS|SNS|Kinesis|EventBridge/,
    label: 'Messaging',
    icon: 'M1 3h14v10H1Zm2 1.500 5 4 5-4Zm-.5 1.200v5.800h11V5.700L8 10Z',
  },
  {
    of: /^remote$/,
    label: 'Remote',
    icon: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM3 7h2.200a10 10 0 0 1 .8-3.500A5.600 5.600 0 0 0 3 7Zm0 2a5.600 5.600 0 0 0 3 3.500A10 10 0 0 1 5.200 9Zm10 0h-2.200a10 10 0 0 1-.8 3.500A5.600 5.600 0 0 0 13 9Zm0-2a5.600 5.600 0 0 0-3-3.500 10 10 0 0 1 .8 3.500ZM6.700 7h2.600C9.200 5 8.500 3.300 8 2.700 7.500 3.300 6.800 5 6.700 7Zm0 2c.1 2 .8 3.700 1.300 4.300.5-.6 1.200-2.300 1.300-4.300Z',
  },
];

/** Returns the short label of a node type. */
export function typeLabel(type: string): string {
  if (type === '') return 'Service';
  const kind = KINDS.find(
    ({ of, label }) => of.test(type) && (label === 'Client' || label === 'Remote'),
  );
  return kind?.label ?? type.replace(/^AWS::/, '').replaceAll('::', ' ');
}

export function typeIcon(type: string): string | undefined {
  return KINDS.find(({ of }) => of.test(type))?.icon;
}
