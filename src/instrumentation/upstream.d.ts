/** What types of upstream's express instrumentation take from `@types/express`. */
declare module 'express' {
  export interface Request {
    originalUrl: string;
  }
}
