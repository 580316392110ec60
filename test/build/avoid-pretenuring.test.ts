import { expect, test } from 'vitest';
import { withYoungClosures } from '../../scripts/build/avoid-pretenuring.ts';

test.for([
  {
    rule: 'an arrow that becomes a property',
    code: 'function f(o){o.get=()=>o}',
    becomes: 'function f(o){o.get=(0,()=>o)}',
  },
  {
    rule: 'a function, at any depth and by any key',
    code: 'const f=args=>{if(f){args[i]=function(){return a}}}',
    becomes: 'const f=args=>{if(f){args[i]=(0,function(){return a})}}',
  },
  {
    rule: 'one that becomes a property unless there is one',
    code: 'function f(o){o.get??=async x=>x}',
    becomes: 'function f(o){o.get??=(0,async x=>x)}',
  },
  {
    rule: 'one inside another, beyond characters of two units',
    code: 'class C{m(o){"𝄞";o.a=()=>{o.b=()=>1}}}',
    becomes: 'class C{m(o){"𝄞";o.a=(0,()=>{o.b=(0,()=>1)})}}',
  },
  {
    rule: 'two that end in the same place',
    code: 'function f(o){o.a=()=>o.b=()=>1}',
    becomes: 'function f(o){o.a=(0,()=>o.b=(0,()=>1))}',
  },
])('$rule is put in brackets', ({ code, becomes }) => {
  expect(withYoungClosures(code)).toBe(becomes);
});

test.for([
  { rule: 'at the top, which runs once', code: 'exports.f=function(){}' },
  { rule: 'of a variable', code: 'function f(){let g;g=()=>1;return g}' },
  {
    rule: 'of a literal, a class or a call',
    code: 'function f(o){return [{g:()=>o},class{g=()=>o},o(()=>1)]}',
  },
  { rule: 'in brackets already', code: 'function f(o){o.get=(0,()=>o)}' },
])('a function $rule stays as it is', ({ code }) => {
  expect(withYoungClosures(code)).toBe(code);
});
