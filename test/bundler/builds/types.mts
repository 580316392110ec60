import { rspack } from '@rspack/core';
import { build } from 'esbuild';
import { otelXray as esbuildPlugin } from 'otel-xray/esbuild';
import { otelXray as rolldownPlugin } from 'otel-xray/rolldown';
import { otelXray as rollupPlugin } from 'otel-xray/rollup';
import { otelXray as rspackPlugin } from 'otel-xray/rspack';
import { otelXray as vitePlugin } from 'otel-xray/vite';
import { otelXray as webpackPlugin } from 'otel-xray/webpack';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { defineConfig } from 'vite';
import webpack from 'webpack';

build({ plugins: [esbuildPlugin()] });
rolldown({ plugins: [rolldownPlugin({ xraySdkFacade: false })] });
rollup({ plugins: [rollupPlugin()] });
rspack({ plugins: [rspackPlugin()] });
webpack({ plugins: [webpackPlugin()] });
export default defineConfig({ plugins: [vitePlugin()] });
