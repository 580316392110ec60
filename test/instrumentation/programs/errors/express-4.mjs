import { startExpress } from './express-app.mjs';

startExpress(':status/:form?', '*');
