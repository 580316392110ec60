// The test chooses a setup; without one, the flag of Node.js starts otel-xray.
export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    if (process.env.SETUP === 'start') {
      const { start } = await import('otel-xray');
      start();
    }
    if (process.env.SETUP === 'vercel') {
      const { registerOTel } = await import('@vercel/otel');
      registerOTel({ serviceName: 'next' });
    }
  }
}
