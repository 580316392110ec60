/** Upstream's mysql2 instrumentation refers to these types; the package itself is not installed. */
declare module 'mysql2';
