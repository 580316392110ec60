import { startKoa } from './koa-app.mjs';

startKoa(':status/:form?');
