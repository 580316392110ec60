/** Types of upstream's mysql2 instrumentation refer to it; the package itself is not installed. */
declare module 'mysql2';
