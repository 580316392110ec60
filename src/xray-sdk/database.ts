export { SqlData } from './sql-data.ts';
