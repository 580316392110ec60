import { expect, test } from 'vitest';
import { withoutPretenuring } from '../../scripts/build/avoid-pretenuring.ts';

test.for([
  {
    rule: 'an arrow function assigned to a property',
    code: 'function f(o){o.get=()=>o}',
    becomes: 'function f(o){o.get=(0,()=>o)}',
  },
  {
    rule: 'a function at any depth and with any key',
    code: 'const f=args=>{if(f){args[i]=function(){return a}}}',
    becomes: 'const f=args=>{if(f){args[i]=(0,function(){return a})}}',
  },
  {
    rule: 'a function assigned with ??=',
    code: 'function f(o){o.get??=async x=>x}',
    becomes: 'function f(o){o.get??=(0,async x=>x)}',
  },
  {
    rule: 'nested functions after characters outside the BMP',
    code: 'class C{m(o){"𝄞";o.a=()=>{o.b=()=>1}}}',
    becomes: 'class C{m(o){"𝄞";o.a=(0,()=>{o.b=(0,()=>1)})}}',
  },
  {
    rule: 'two functions that end at the same position',
    code: 'function f(o){o.a=()=>o.b=()=>1}',
    becomes: 'function f(o){o.a=(0,()=>o.b=(0,()=>1))}',
  },
])('$rule: wrapped in a comma expression', ({ code, becomes }) => {
  expect(withoutPretenuring(code)).toBe(becomes);
});

test.for([
  { rule: 'at the top level, which runs once', code: 'exports.f=function(){}' },
  { rule: 'assigned to a variable', code: 'function f(){let g;g=()=>1;return g}' },
  {
    rule: 'in a literal, a class or a call',
    code: 'function f(o){return [{g:()=>o},class{g=()=>o},o(()=>1)]}',
  },
  { rule: 'that is wrapped already', code: 'function f(o){o.get=(0,()=>o)}' },
])('a function $rule is not changed', ({ code }) => {
  expect(withoutPretenuring(code)).toBe(code);
});
