import { expect, test } from 'vitest';
import { usedNames } from '../../scripts/build/core-names.ts';

test.each<[string, string, readonly string[]]>([
  [
    'members of the required module',
    "const core_1 = require('@opentelemetry/core'); (0, core_1.hrTime)(); core_1.RPCType.HTTP; core_1.hrTime;",
    ['hrTime', 'RPCType'],
  ],
  [
    'a list of names, one with an alias',
    "const { getRPCMetadata, RPCType: types } = require('@opentelemetry/core')",
    ['getRPCMetadata', 'RPCType'],
  ],
  ['a module that does not require it', 'const core_1 = other(); core_1.hrTime();', []],
  ['an import, which is tree-shaken', "import { hrTime } from '@opentelemetry/core';", []],
])('finds the names of %s', (_what, code, names) => {
  expect(usedNames(code)).toEqual(names);
});
