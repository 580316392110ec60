import type { Plugin } from 'rolldown';
import { replacing } from './patch-runtime.ts';

const FILES = /[\\/]unplugin[\\/]dist[\\/][\w-]+\.mjs$/;

/** The loaders that webpack and rspack load by their paths: entry → module. */
export const LOADERS: Readonly<Record<string, string>> = {
  'bundler/webpack-transform': 'unplugin/webpack/loaders/transform',
  'bundler/rspack-transform': 'unplugin/rspack/loaders/transform',
};

/**
 * Makes unplugin part of a CommonJS build.
 *
 * Correctness: its loaders have other paths there. What only plugins with virtual modules or glob patterns need is
 * left out, because ours have neither.
 */
export function compiledUnplugin(): readonly Plugin[] {
  return [
    replacing(FILES, '"webpack/loaders/transform.mjs"', '"bundler/webpack-transform.cjs"'),
    replacing(FILES, '"rspack/loaders/transform.mjs"', '"bundler/rspack-transform.cjs"'),
    replacing(FILES, '__require("webpack-virtual-modules")', 'undefined'),
    replacing(FILES, 'import picomatch from "picomatch";', 'const picomatch = undefined;'),
  ];
}
