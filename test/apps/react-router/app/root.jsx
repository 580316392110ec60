import { Outlet } from 'react-router';
export default function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
      </body>
    </html>
  );
}
export function ErrorBoundary() {
  return (
    <html lang="en">
      <body>failed</body>
    </html>
  );
}
